import Database
import MailModel

/// How far the contents of old emails were deleted (`retention.contentsDays`).
///
/// Emails are gone through once, by their ids. Those that still wait to be sent are noted in `kept_contents`, and looked at again.
extension Emails where Tx == Transaction {
    /// The rows of an email's content, about, by which the limit of a step is divided.
    private static var rowsPerContent: Int { 3 }

    /// Deletes the texts and attachments of some emails that were accepted before a time; subjects stay, and what is still to be sent.
    ///
    /// - Parameter limit: the most rows, about.
    /// - Returns: how many rows were looked at, about; `limit` or more where there may be more.
    func dropContents(before time: Timestamp, limit: Int) throws -> Int {
        let count = max(1, limit / Self.rowsPerContent)
        let kept = try tx.sql.query(
            "SELECT email_id FROM kept_contents WHERE look_at <= ?1 ORDER BY look_at LIMIT ?2", [.timestamp(tx.now), .integer(count)]
        ) { try $0.emailID(0) }
        let last = try tx.sql.first("SELECT last_id FROM dropped_contents WHERE id = 1") { $0.blob(0) } ?? []
        let next = try tx.sql.query(
            "SELECT id FROM emails WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
            [.blob(last), .id(EmailID.lowest(at: time)), .integer(count)]
        ) { try $0.emailID(0) }
        try drop(kept + next)
        if let reached = next.last {
            try tx.sql.execute(
                "INSERT INTO dropped_contents (id, last_id) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET last_id = excluded.last_id",
                [.id(reached)])
        }
        return max(kept.count, next.count) >= count ? limit : (kept.count + next.count) * Self.rowsPerContent
    }

    /// Deletes the contents of emails, but of those that are still to be sent, and of those that such copies share.
    private func drop(_ ids: [EmailID]) throws {
        guard !ids.isEmpty else { return }
        let open = Set(try listForUpdate(ids.sorted()).filter { $0.dueAt != nil }.map(\.id))
        let waiting = try open.union(emailsWithOpenCopies(among: ids))
        let emails = try list(ids.filter { !waiting.contains($0) }, EmailRow.selectSummary)
        for email in emails where !email.content.isDropped && email.copyOf == nil {
            var email = email
            email.content.attachments = []
            email.content.raw = nil
            email.content.templateBytes = nil
            email.content.isDropped = true
            try tx.sql.execute(
                "UPDATE email_contents SET body = '', html = NULL, extras = ?2 WHERE id = ?1", [.id(email.id), .text(email.extras)])
        }
        let gone = emails.map { [DatabaseValue.id($0.id)] }
        for table in ["email_attachments", "email_templates"] {
            try tx.sql.execute(overRows: gone) { "DELETE FROM \(table) WHERE email_id IN (VALUES \($0))" }
        }
        try tx.sql.execute(overRows: ids.map { [.id($0)] }) { "DELETE FROM kept_contents WHERE email_id IN (VALUES \($0))" }
        for id in waiting {
            try tx.sql.execute(
                "INSERT INTO kept_contents (email_id, look_at) VALUES (?1, ?2)", [.id(id), .timestamp(tx.now + .seconds(3600))])
        }
    }
}
