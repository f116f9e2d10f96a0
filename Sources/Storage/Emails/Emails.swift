import Database
package import MailModel

extension ReadableTransaction {
    /// The emails of all accounts.
    package var emails: Emails<Self> { Emails(tx: self) }
}

/// The emails with their content, attachments and status.
///
/// A transaction that changes an email reads and locks it once, as its ``EmailState``, and stores it in its ``EmailCache``.
package struct Emails<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Emails {
    /// Returns the email with its texts; a copy with those of the email that it is a copy of.
    ///
    /// `nil` where there is none.
    package func find(_ id: EmailID) throws -> Email? {
        let email = try complete(tx.sql.query("\(EmailRow.select) WHERE e.id = ?1", [.id(id)], EmailRow.decode)).first
        return try email.map(filled)
    }

    /// Returns emails in the order of the ids given.
    ///
    /// Those that do not exist are left out.
    ///
    /// - Parameter select: with the texts, or without (``EmailRow/selectSummary``).
    func list(_ ids: [EmailID], _ select: String = EmailRow.select) throws -> [Email] {
        // The condition is repeated for the contents: otherwise the planner reads the whole table of them.
        let found = try tx.sql.query(
            over: ids.map { .id($0) }, { "\(select) WHERE e.id IN (\($0)) AND c.id IN (\($0))" }, EmailRow.decode)
        let byID = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return ids.compactMap { byID[$0] }
    }

    /// Returns the email that was accepted first; `nil` where there is none.
    func oldest() throws -> EmailID? {
        try tx.sql.first("SELECT id FROM emails ORDER BY id LIMIT 1") { try $0.emailID(0) }
    }

    /// Returns when the newest email was accepted, by its id; `nil` where there is none.
    package func newestTime() throws -> Timestamp? {
        try tx.sql.first("SELECT id FROM emails ORDER BY id DESC LIMIT 1") { try $0.emailID(0).time }
    }

    /// Returns the bytes of an email's attachments, in their order.
    ///
    /// - Throws: ``StorageError/malformed(_:)`` where they are not as many as the email says.
    package func attachments(of email: Email) throws -> [[UInt8]] {
        guard !email.content.attachments.isEmpty else { return [] }
        let data = try tx.sql.query(
            "SELECT data FROM email_attachments WHERE email_id = ?1 ORDER BY number", [.id(email.contentID)]
        ) { $0.blob(0) }
        guard data.count == email.content.attachments.count else { throw StorageError.malformed("email_attachments") }
        return data
    }

    /// Returns the present statuses of an email's copies.
    package func statuses(of copies: [EmailCopy]) throws -> [EmailID: EmailStatus] {
        try statuses(of: copies.map(\.id))
    }

    func statuses(of ids: [EmailID]) throws -> [EmailID: EmailStatus] {
        let found = try tx.sql.query(over: ids.map { .id($0) }, { "SELECT id, status FROM emails WHERE id IN (\($0))" }) {
            row -> (EmailID, EmailStatus) in (try row.emailID(0), try row.choice(1))
        }
        return Dictionary(found) { first, _ in first }
    }
}

extension Emails where Tx == Transaction {
    /// Inserts a new email, counts it for reports, and puts it into the queue if it is due at some time.
    ///
    /// - Parameters:
    ///   - dueAt: when it is to be sent; `nil` for one that is not sent.
    ///   - explanation: why it is not sent, for its timeline.
    package func insert(_ email: Email, dueAt: Timestamp?, explanation: String? = nil) throws {
        let marks = try tx.reports.countAccepted(email)
        try tx.sql.add(EmailRow.values(email, dueAt: dueAt, marks: marks), by: EmailRow.insertion)
        try tx.sql.add(EmailRow.contentValues(email), by: EmailRow.contentInsertion)
        tx.emailCache.inserted.append(email.id)
        if let dueAt, dueAt <= tx.now { tx.wakeups.insert(.emails) }
        if email.status != .queued {
            let entry = TimelineEntry(email.status, at: email.createdAt, explanation: explanation)
            try tx.timeline.insert(entry, of: email.id)
            try tx.callbacks.enqueue(
                email.status, after: nil, entry: entry, of: email.id, accountID: email.accountID, callbacks: email.content.callbacks)
        }
    }

    /// Inserts the bytes of an email's attachments, in their order; its copies share them.
    package func insert(attachments: [[UInt8]], of id: EmailID) throws {
        for (number, data) in attachments.enumerated() {
            // One by one: together with those of other emails they could exceed the size of a statement.
            try tx.sql.execute(EmailRow.attachmentInsertion.statement, [.id(id), .integer(number), .blob(data)])
        }
    }

    /// Records what the texts of an email of a template are made of; its copies share them.
    package func insert(template use: TemplateUse, of id: EmailID) throws {
        try tx.templateVersions.insert(use, of: id)
    }

    /// Returns the state of an email, read and locked once in a transaction; `nil` where there is no such email.
    package func findForUpdate(_ id: EmailID) throws -> EmailState? {
        if let known = tx.emailCache.states[id] { return known }
        let found = try tx.sql.query(
            "SELECT \(EmailStateRow.columns) FROM emails WHERE id = ?1\(tx.sql.dialect.forUpdate)", [.id(id)], EmailStateRow.decode)
        tx.emailCache.add(found)
        return found.first
    }

    /// Reads the states of emails and locks them, in the order of the ids.
    func listForUpdate(_ ids: [EmailID]) throws -> [EmailState] {
        let lock = tx.sql.dialect.forUpdate
        let found = try tx.sql.query(
            over: ids.map { .id($0) }, { "SELECT \(EmailStateRow.columns) FROM emails WHERE id IN (\($0)) ORDER BY id\(lock)" },
            EmailStateRow.decode)
        tx.emailCache.add(found)
        return found
    }

    /// Prefetches into the caches what changes of these emails read: callback endpoints, queued callbacks and tags.
    func prefetch(for emails: [EmailState]) throws {
        try tx.callbackEndpoints.prefetch(of: Set(emails.map(\.accountID)))
        try tx.callbacks.prefetchQueued(
            of: emails.filter { !$0.callbacks.isEmpty || tx.callbackCache.endpoints[$0.accountID]?.isEmpty == false }.map(\.id))
        try tx.reports.prefetchTags(of: emails.filter { $0.marks.contains(.tagged) }.map(\.id))
    }

    /// Writes a changed state.
    ///
    /// Every change of an email's row is made here, so that the cache is always up to date.
    func update(_ email: EmailState) throws {
        tx.emailCache.states[email.id] = email
        try tx.sql.set(EmailStateRow.values(email, updatedAt: tx.now), of: .id(email.id), by: EmailStateRow.update)
    }

    /// Appends to an email's timeline and moves its status forward, by rank.
    ///
    /// Does nothing where there is no such email.
    ///
    /// - Parameters:
    ///   - status: the status that the event leads to; `nil` for an event that changes none.
    ///   - settles: the event proves that the provider has the email, or that it ended: no further attempt is made.
    package func recordEvent(on id: EmailID, _ entry: TimelineEntry, status: EmailStatus?, settles: Bool) throws {
        guard var email = try findForUpdate(id) else { return }
        // What SES says of an event names the recipient.
        let entry = email.recipient.isErased ? TimelineEntry(status: entry.status, at: entry.at) : entry
        let before = email.status
        if let status { email.status = before.advanced(by: status) }
        email.marks = try tx.reports.countEvent(entry.status, at: entry.at, of: email)
        if settles { email.settle() }
        try update(email)
        try tx.timeline.insert(entry, of: id)
        guard !email.recipient.isErased else { return }
        try tx.callbacks.enqueue(
            email.status, after: before, entry: entry, of: id, accountID: email.accountID, callbacks: email.callbacks)
    }
}
