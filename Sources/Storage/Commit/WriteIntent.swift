import Database
public import MailModel

/// Which rows a command is going to change, as far as it knows before it runs.
///
/// Where several nodes write, a batch locks what all of its commands intend to change first, in one order: two nodes then wait for each
/// other's batch, and never both at once. A row that nobody announced is locked when it is read; should two nodes meet there crosswise, the
/// database ends one of the batches, and it is run again. On an engine with one writer an intent costs nothing.
///
/// Each question to a server is a journey there and back, which the whole batch waits for; so what all commands would ask is asked together.
public struct WriteIntent: Sendable {
    public var domain: DomainName?
    public var email: EmailID?
    /// A node's share of the sending rate.
    public var sharesRate = false
    /// Whom the command is going to write to from the domain: what the suppression lists say is asked once for the whole batch.
    public var recipients: [EmailAddress] = []
    /// What SES calls an email: which one that is, and what waits for it, is asked once for the whole batch.
    public var messageID: String?
    /// The SNS message that is taken in: whether it came before is asked once for the whole batch.
    public var receipt: String?

    public static let none = WriteIntent()
    public static let sendingShare = WriteIntent(sharesRate: true)

    public static func domain(_ name: DomainName?) -> WriteIntent {
        WriteIntent(domain: name)
    }

    public static func emails(of domain: DomainName, to recipients: [EmailAddress]) -> WriteIntent {
        WriteIntent(domain: domain, recipients: recipients)
    }

    public static func email(_ id: EmailID?, domain: DomainName? = nil, messageID: String? = nil) -> WriteIntent {
        WriteIntent(domain: domain, email: id, messageID: messageID)
    }

    /// - Parameters:
    ///   - email: the email that the event is said to be about.
    ///   - domain: the domain that it counts for.
    public static func event(on email: EmailID?, domain: DomainName?, messageID: String?, receipt: String?) -> WriteIntent {
        WriteIntent(domain: domain, email: email, messageID: messageID, receipt: receipt)
    }
}

extension WriteContext {
    /// Locks the rows that a batch intends to change: domains, emails, the shares of the sending rate. And asks what its commands will ask.
    func lock(_ intents: [WriteIntent]) throws {
        guard !transaction.dialect.forUpdate.isEmpty else { return }
        try lockDomains(Set(intents.compactMap(\.domain)))
        let messageIDs = Set(intents.compactMap(\.messageID))
        try lockEmails(Set(intents.compactMap(\.email)).union(lookUpMessages(messageIDs)))
        if intents.contains(where: \.sharesRate) { try lockSendingShares() }
        try lookUpSuppressions(intents)
        // Behind the locks: whoever held one may have left something.
        try lookUpWaitingEvents(of: messageIDs)
        try lookUpReceipts(Set(intents.compactMap(\.receipt)))
    }

    private func lockDomains(_ names: Set<DomainName>) throws {
        let lock = transaction.dialect.forUpdate
        // One domain a command: what a batch may hold fits into one statement, which locks in the order of the ids.
        let rows = try transaction.query(
            over: names.map { .text($0.description) },
            {
                """
                SELECT \(DomainRow.selected) FROM domains WHERE name IN (\($0)) AND deleted_at IS NULL ORDER BY id\(lock)
                """
            }, DomainRow.decode)
        for row in rows { _ = try keep(row) }
    }

    private func lockEmails(_ ids: Set<EmailID>) throws {
        try lookUp(emailStates(of: ids.sorted()))
    }
}
