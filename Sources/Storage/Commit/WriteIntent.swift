import Database
package import MailModel

/// Which rows a command is going to change, as far as it knows before it runs.
///
/// Where several nodes write, a batch locks what all of its commands intend to change first, in one order: two nodes then wait for each
/// other's batch, and never both at once. A row that nobody announced is locked when it is read; should two nodes meet there crosswise, the
/// database ends one of the batches, and it is run again. On an engine with one writer an intent costs nothing.
///
/// Each question to a server is a journey there and back, which the whole batch waits for; so what all commands would ask is asked together.
package struct WriteIntent: Sendable {
    package var domain: DomainName?
    package var email: EmailID?
    /// Accounts whose row the command changes.
    package var accounts: [Int64] = []
    /// A node's share of the sending rate.
    package var sharesRate = false
    /// Whom the command is going to write to from the domain: what the suppression lists say is asked once for the whole batch.
    package var recipients: [EmailAddress] = []
    /// What SES calls an email whose id is recorded: what waits for it is asked once for the whole batch.
    package var messageID: String?
    /// What is taken in.
    package var event: EventIntent?

    package static let none = WriteIntent()
    package static let sendingShare = WriteIntent(sharesRate: true)

    package static func domain(_ name: DomainName?) -> WriteIntent {
        WriteIntent(domain: name)
    }

    package static func accounts(_ ids: [Int64]) -> WriteIntent {
        WriteIntent(accounts: ids)
    }

    package static func emails(of domain: DomainName, to recipients: [EmailAddress]) -> WriteIntent {
        WriteIntent(domain: domain, recipients: recipients)
    }

    package static func email(_ id: EmailID?, domain: DomainName? = nil, messageID: String? = nil) -> WriteIntent {
        WriteIntent(domain: domain, email: id, messageID: messageID)
    }

    package static func event(_ event: EventIntent) -> WriteIntent {
        WriteIntent(email: event.email, messageID: event.messageID, event: event)
    }
}

/// What an event of SES is going to read and change.
package struct EventIntent: Sendable {
    /// The email that the event is said to be about.
    package var email: EmailID?
    /// SES's id of the email: which one that is, and what waits for it, is asked once for the whole batch.
    package var messageID: String?
    /// The names by which it is known when it comes again: whether they are new is asked once for the whole batch.
    package var receipts: [String] = []
    /// It counts for its domain and account, whose rows are locked then.
    package var counts = false
    /// The address that the email came from, and its domain: what it counts for where no email of ours is known.
    package var source: EmailAddress?
    package var domain: DomainName?

    package init(email: EmailID? = nil, messageID: String?, receipts: [String] = []) {
        self.email = email
        self.messageID = messageID
        self.receipts = receipts
    }

    /// How many names are looked for together. One that is nested deeper is looked for when the event is taken in.
    private static let mostDomains = 8

    /// The domain of the source and those above it, of which the nearest known one counts.
    var domains: [DomainName] {
        guard let domain else { return [] }
        return Array(sequence(first: domain, next: \.parent).prefix(Self.mostDomains))
    }
}

/// By what the accounts and domains are found that the events of a batch count for. Which account an email has never changes.
struct CountedRows {
    var emails: Set<EmailID> = []
    var domains: Set<DomainName> = []
    var sources: Set<String> = []

    var isEmpty: Bool { emails.isEmpty && domains.isEmpty && sources.isEmpty }

    /// - Parameter emailIDs: the emails that SES's ids stand for, as far as they are known.
    init(_ intents: [WriteIntent], emailIDs: [String: EmailID]) {
        for event in intents.compactMap(\.event) where event.counts {
            if let id = event.messageID.flatMap({ emailIDs[$0] }) ?? event.email { emails.insert(id) }
            domains.formUnion(event.domains)
            if let source = event.source { sources.insert(source.description) }
        }
    }
}

/// The parameters of a statement that has several lists of keys in it.
struct ParameterList {
    private(set) var values: [DatabaseValue] = []

    /// Adds a list of any length, filled up to a power of two: a few statements serve every number of keys. An empty list holds `NULL`, which equals nothing.
    ///
    /// - Returns: its places, to stand in brackets.
    mutating func add(_ list: [DatabaseValue]) -> String {
        var size = 1
        while size < list.count { size *= 2 }
        let first = values.count + 1
        values += list + Array(repeating: list.last ?? .null, count: size - list.count)
        return (first..<first + size).map { "?\($0)" }.joined(separator: ", ")
    }
}
