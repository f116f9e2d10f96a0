import Database
import MailModel

extension WriteContext {
    /// What an email comes to with its content, timeline and SES's ids, in rows: a step is to be as small for emails as for other things.
    private static let rowsOfAnEmail = 5

    /// Deletes some of the emails that were accepted before a time, with all that belongs to them; those that are still to be sent stay. Where
    /// there are partitions, these are the emails that lie in none.
    ///
    /// - Parameter limit: rows at the most, about.
    /// - Returns: how many rows are gone, about; `limit` or more where there may be more.
    func pruneEmails(before time: Timestamp, limit: Int) throws -> Int {
        let count = (limit + Self.rowsOfAnEmail - 1) / Self.rowsOfAnEmail
        let old = try transaction.query(
            "SELECT id FROM \(transaction.dialect.rest(of: "emails")) WHERE id < ?1 AND due_at IS NULL ORDER BY id LIMIT ?2",
            [.id(EmailID.lowest(at: time)), .integer(count)]
        ) { try $0.emailID(0) }
        var deleted = 0
        for id in old where try !hasOpenCopies(id) {
            deleted += 1
            for table in MonthlyTable.emails {
                try transaction.execute("DELETE FROM \(transaction.dialect.rest(of: table.name)) WHERE \(table.column) = ?1", [.id(id)])
            }
        }
        return deleted * Self.rowsOfAnEmail
    }

    /// Whether copies of an email, which share its content, are still to be sent.
    private func hasOpenCopies(_ id: EmailID) throws -> Bool {
        let extras = try transaction.first("SELECT extras FROM email_contents WHERE id = ?1", [.id(id)]) { $0.optionalText(0) }
        guard let extras = extras ?? nil else { return false }
        var content = EmailContent(subject: "", text: "")
        try content.takeExtras(extras)
        guard let copies = content.recipients?.copies, !copies.isEmpty else { return false }
        let ids = copies.map { DatabaseValue.id($0.id) }.padded
        return try transaction.first("SELECT 1 FROM emails WHERE due_at IS NOT NULL AND id IN (\(ids.places)) LIMIT 1", ids) { _ in
            true
        }
            ?? false
    }
}
