import Database
package import MailModel

/// What becomes of an email, and what has to be known of it for that.
package struct EmailState: Sendable, Equatable {
    package var id: EmailID
    package var accountID: Int64
    /// The domain that was charged for it, if one was.
    package var domainID: Int64?
    package var sender: EmailAddress
    package var recipient: EmailAddress
    package var status: EmailStatus
    package var createdAt: Timestamp
    var externalID: String?
    /// Its own URLs.
    var callbacks: [String]
    /// What of it reports have counted.
    var marks: ReportMarks
    /// How often it was handed to the provider.
    var attempts: Int64
    /// When there is something to do, and what; `nil` for nothing.
    var dueAt: Timestamp?
    var work: Work?
    /// The node that has it under way.
    var leaseOwner: String?
    /// Bytes of its texts and attachments; `nil` where an earlier version stored it.
    package var contentBytes: Int64?

    /// What is to be done next, by whoever comes.
    mutating func wait(for work: Work, until time: Timestamp) {
        (dueAt, self.work, leaseOwner) = (time, work, nil)
    }

    /// There is nothing more to be done.
    mutating func settle() {
        (dueAt, work, leaseOwner) = (nil, nil, nil)
    }
}

/// How an email's state lies in its row.
enum EmailStateRow {
    static let columns = """
        id, account_id, domain_id, sender, recipient, status, created_at, external_id, callbacks, reported, attempts, due_at, work, lease_owner, \
        content_bytes
        """

    static func decode(_ row: any DatabaseRow) throws -> EmailState {
        EmailState(
            id: try row.emailID(0), accountID: row.integer(1), domainID: EmailRow.domainID(row.integer(2)),
            sender: EmailAddress(validated: row.text(3)), recipient: EmailAddress(validated: row.text(4)), status: try row.choice(5),
            createdAt: row.requiredTimestamp(6), externalID: row.optionalText(7), callbacks: EmailRow.callbacks(row.optionalText(8)),
            marks: ReportMarks(rawValue: row.integer(9)), attempts: row.integer(10),
            dueAt: row.timestamp(11), work: row.isNull(12) ? nil : try row.choice(12), leaseOwner: row.optionalText(13),
            contentBytes: row.optionalInteger(14))
    }

    /// All that may change. One update for every change: so the last one holds, and emails that end up alike share a statement.
    static let update = Update(
        of: "emails", by: "id", ["status", "reported", "attempts", "due_at", "work", "lease_owner", "updated_at"])

    static func values(_ email: EmailState, updatedAt now: Timestamp) -> [DatabaseValue] {
        [
            .text(email.status.rawValue), .integer(email.marks.rawValue), .integer(email.attempts),
            .timestamp(email.dueAt), .text(email.work?.rawValue), .text(email.leaseOwner), .timestamp(now),
        ]
    }
}

extension WriteContext {
    /// The state of an email, which this transaction may then change: it is read once, and locked.
    package func emailState(_ id: EmailID) throws -> EmailState? {
        if let known = emailStates[id] { return known }
        return try emailStates(where: "id = ?1", [.id(id)]).first
    }

    /// Reads emails that this transaction may then change.
    ///
    /// - Parameters:
    ///   - condition: and what stands behind it.
    ///   - lock: what the rows are locked by.
    @discardableResult
    func emailStates(where condition: String, _ arguments: [DatabaseValue], lock: KeyPath<Dialect, String> = \.forUpdate) throws
        -> [EmailState]
    {
        let emails = try transaction.query(
            "SELECT \(EmailStateRow.columns) FROM emails WHERE \(condition)\(transaction.dialect[keyPath: lock])", arguments,
            EmailStateRow.decode)
        for email in emails { emailStates[email.id] = email }
        return emails
    }

    /// Reads emails by their ids, and locks them in the order given.
    func emailStates(of ids: [EmailID]) throws -> [EmailState] {
        let lock = transaction.dialect.forUpdate
        let emails = try transaction.query(
            over: ids.map { .id($0) }, { "SELECT \(EmailStateRow.columns) FROM emails WHERE id IN (\($0)) ORDER BY id\(lock)" },
            EmailStateRow.decode)
        for email in emails { emailStates[email.id] = email }
        return emails
    }

    /// Takes in a changed email. Every change of its row takes this way: what was read once is not read again.
    func save(_ email: EmailState) throws {
        emailStates[email.id] = email
        try transaction.set(EmailStateRow.values(email, updatedAt: now), of: .id(email.id), by: EmailStateRow.update)
    }

    /// Asks what changes of these emails will ask: whom to tell, what was told, and their labels.
    func lookUp(_ emails: [EmailState]) throws {
        try lookUpEndpoints(of: Set(emails.map(\.accountID)))
        try lookUpTold(of: emails.filter { !$0.callbacks.isEmpty || endpoints[$0.accountID]?.isEmpty == false }.map(\.id))
        try lookUpTags(of: emails.filter { $0.marks.contains(.tagged) }.map(\.id))
    }
}
