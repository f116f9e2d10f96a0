import Database
package import MailModel

/// The rows that a command is going to change, as far as they are known before it runs.
///
/// Where several nodes write, a batch first locks what all of its commands intend to change, in one order, so that batches do not deadlock. A row
/// without an intent is locked when it is read; where two batches deadlock there, the database aborts one of them, and it is run again. On an
/// engine with one writer an intent costs nothing.
///
/// Each statement is a round trip to the server, for which the whole batch waits. So what all commands will read is prefetched together.
package struct WriteIntent: Sendable {
    /// The domain whose counters the command changes.
    package var domain: DomainName?
    /// Whether a domain above it may be charged in its place, where it is not known.
    package var chargesParents = false
    /// The email that the command changes.
    package var email: EmailID?
    /// The account that the command sends for, against whose limits its emails count.
    package var sendingAccount: Int64?
    /// Accounts whose row the command changes.
    package var accounts: [Int64] = []
    /// Whether it renews a node's share of the sending rate.
    package var sharesRate = false
    /// The recipients of emails of the domain, whose suppressions are prefetched.
    package var recipients: [EmailAddress] = []
    /// SES's id of an email that the command records, whose waiting events are prefetched.
    package var messageID: String?
    /// The event of SES that the command ingests.
    package var event: EventIntent?

    /// No intent: rows are locked when they are read.
    package static let none = WriteIntent()
    /// The renewal of a share of the sending rate.
    package static let sendingShare = WriteIntent(sharesRate: true)

    /// A change of a domain.
    package static func domain(_ name: DomainName?) -> WriteIntent {
        WriteIntent(domain: name)
    }

    /// Changes of accounts.
    package static func accounts(_ ids: [Int64]) -> WriteIntent {
        WriteIntent(accounts: ids)
    }

    /// A charge of a domain, or of the nearest known one above it.
    package static func charge(_ name: DomainName) -> WriteIntent {
        WriteIntent(domain: name, chargesParents: true)
    }

    /// The domain, and those above it that may be charged in its place.
    var domains: [DomainName] {
        guard let domain else { return [] }
        return chargesParents ? domain.chargeable : [domain]
    }

    /// New emails of a domain, or of the nearest known one above it.
    ///
    /// - Parameter account: the sender's account; `nil` where that is not known.
    package static func emails(of domain: DomainName, to recipients: [EmailAddress], for account: Int64? = nil) -> WriteIntent {
        WriteIntent(domain: domain, chargesParents: true, sendingAccount: account, recipients: recipients)
    }

    /// A change of an email, of its domain's counters, or the record of SES's id of it.
    package static func email(_ id: EmailID?, domain: DomainName? = nil, messageID: String? = nil) -> WriteIntent {
        WriteIntent(domain: domain, email: id, messageID: messageID)
    }

    /// The ingestion of an event.
    package static func event(_ event: EventIntent) -> WriteIntent {
        WriteIntent(email: event.email, messageID: event.messageID, event: event)
    }
}

/// The rows that the ingestion of an event of SES is going to read and change.
package struct EventIntent: Sendable {
    /// The email that the event names in its tags; not verified.
    package var email: EmailID?
    /// SES's id of the email, by which the email and its waiting events are prefetched.
    package var messageID: String?
    /// The receipts by which a repetition of the event is recognised; they are prefetched.
    package var receipts: [String] = []
    /// Whether it counts for its domain and account, whose rows are locked then.
    package var counts = false
    /// The address that the email was sent from, which the event counts for where no email is known.
    package var source: EmailAddress?
    /// The domain of ``source``.
    package var domain: DomainName?

    /// An event that does not count.
    package init(email: EmailID? = nil, messageID: String?, receipts: [String] = []) {
        self.email = email
        self.messageID = messageID
        self.receipts = receipts
    }

    /// The domain of the source and its parents, of which the nearest known one counts.
    var domains: [DomainName] {
        domain?.chargeable ?? []
    }
}

/// The keys of the accounts and domains that the events of a batch count for.
///
/// The account of an email never changes.
struct CountedRows {
    var emails: Set<EmailID> = []
    var domains: Set<DomainName> = []
    var sources: Set<String> = []

    var isEmpty: Bool { emails.isEmpty && domains.isEmpty && sources.isEmpty }

    /// - Parameter emailIDs: the emails of SES's ids, as far as they are known.
    init(_ intents: [WriteIntent], emailIDs: [String: EmailID]) {
        for event in intents.compactMap(\.event) where event.counts {
            if let id = event.messageID.flatMap({ emailIDs[$0] }) ?? event.email { emails.insert(id) }
            domains.formUnion(event.domains)
            if let source = event.source { sources.insert(source.description) }
        }
    }
}

/// The parameters of a statement with several lists of keys.
struct ParameterList {
    private(set) var values: [DatabaseValue] = []

    /// Adds a list of any length, filled up to a power of two: a few prepared statements serve every number of keys.
    ///
    /// An empty list has `NULL`, which equals nothing.
    ///
    /// - Returns: its placeholders, without brackets.
    mutating func add(_ list: [DatabaseValue]) -> String {
        var size = 1
        while size < list.count { size *= 2 }
        let first = values.count + 1
        values += list + Array(repeating: list.last ?? .null, count: size - list.count)
        return (first..<first + size).map { "?\($0)" }.joined(separator: ", ")
    }
}
