import Database
package import MailModel

extension ReadContext {
    package func email(_ id: EmailID) throws -> Email? {
        try complete(transaction.query("\(EmailRow.select) WHERE e.id = ?1", [.id(id)], EmailRow.decode)).first
    }

    /// Emails in the order of the ids.
    ///
    /// - Parameter select: with or without the bodies.
    func emails(_ ids: [EmailID], _ select: String = EmailRow.select) throws -> [Email] {
        // Said of both: the database would else see no other way to the contents than all of them.
        let found = try transaction.query(
            over: ids.map { .id($0) }, { "\(select) WHERE e.id IN (\($0)) AND c.id IN (\($0))" }, EmailRow.decode)
        let byID = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return ids.compactMap { byID[$0] }
    }

    func oldestEmail() throws -> EmailID? {
        try transaction.first("SELECT id FROM emails ORDER BY id LIMIT 1") { try $0.emailID(0) }
    }

    /// What happened to an email, in the order of its times.
    package func timeline(of email: Email) throws -> [TimelineEntry] {
        let entries = try transaction.query(
            "SELECT status, at, explanation, details FROM timeline WHERE email_id = ?1 ORDER BY at, number", [.id(email.id)]
        ) { row in
            TimelineEntry(
                status: row.text(0), at: row.requiredTimestamp(1), explanation: row.optionalText(2), details: row.optionalText(3))
        }
        // Every email that was not ended or scheduled at once began as QUEUED; that entry is not stored.
        let initial = entries.first.flatMap { EmailStatus(rawValue: $0.status) }
        let beganQueued = initial != .blacklisted && initial != .scheduled && initial != .incomplete
        return (beganQueued ? [TimelineEntry(.queued, at: email.createdAt)] : []) + entries
    }

    /// The email that SES knows under this id.
    package func emailID(sesMessageID: String) throws -> EmailID? {
        if let feedback = (self as? WriteContext)?.feedback {
            if let known = feedback.emailIDs[sesMessageID] { return known }
            if feedback.unknownIDs.contains(sesMessageID) { return nil }
        }
        return try transaction.first("SELECT email_id FROM ses_messages WHERE message_id = ?1", [.text(sesMessageID)]) { try $0.emailID(0) }
    }

    /// When the queue has something to do next, due or overdue; `nil` when it is empty.
    package func nextDue() throws -> Timestamp? {
        try transaction.first("SELECT due_at FROM emails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1") { $0.requiredTimestamp(0) }
    }
}
