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

    public static let none = WriteIntent()
    public static let sendingShare = WriteIntent(sharesRate: true)

    public static func domain(_ name: DomainName?) -> WriteIntent {
        WriteIntent(domain: name)
    }

    public static func emails(of domain: DomainName, to recipients: [EmailAddress]) -> WriteIntent {
        WriteIntent(domain: domain, recipients: recipients)
    }

    public static func email(_ id: EmailID?, domain: DomainName? = nil) -> WriteIntent {
        WriteIntent(domain: domain, email: id)
    }
}

extension WriteContext {
    /// Locks the rows that a batch intends to change: domains, emails, the shares of the sending rate.
    func lock(_ intents: [WriteIntent]) throws {
        guard !transaction.dialect.forUpdate.isEmpty else { return }
        try lockDomains(Set(intents.compactMap(\.domain)))
        try lockEmails(Set(intents.compactMap(\.email)))
        if intents.contains(where: \.sharesRate) { try lockSendingShares() }
        try lookUpSuppressions(intents)
    }

    private func lockDomains(_ names: Set<DomainName>) throws {
        guard !names.isEmpty else { return }
        let values = padded(names.map { DatabaseValue.text($0.description) })
        let rows = try transaction.query(
            """
            SELECT \(DomainRow.selected) FROM domains WHERE name IN (\(parameters(values))) AND deleted_at IS NULL
            ORDER BY id\(transaction.dialect.forUpdate)
            """, values, DomainRow.decode)
        for row in rows { _ = try keep(row) }
    }

    private func lockEmails(_ ids: Set<EmailID>) throws {
        guard !ids.isEmpty else { return }
        let values = padded(ids.map { DatabaseValue.id($0) })
        _ = try transaction.query(
            "SELECT id FROM emails WHERE id IN (\(parameters(values))) ORDER BY id\(transaction.dialect.forUpdate)", values
        ) { _ in }
    }
}
