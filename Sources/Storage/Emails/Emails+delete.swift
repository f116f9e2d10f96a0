import Database
import MailModel

extension Emails where Tx == Transaction {
    /// The rows of an email with its content, timeline and SES's ids, about, by which the limit of a step is divided.
    private static var rowsPerEmail: Int { 5 }

    /// Deletes some of the emails that were accepted before a time, with all their rows; those that are still to be sent stay.
    ///
    /// Where there are partitions, only emails of the default one are deleted.
    ///
    /// They are locked before they are checked: one that becomes due again meanwhile stays.
    ///
    /// - Parameter limit: the most rows, about.
    /// - Returns: how many rows were deleted, about; `limit` or more where there may be more.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        let count = (limit + Self.rowsPerEmail - 1) / Self.rowsPerEmail
        let old = try tx.sql.query(
            """
            SELECT id FROM \(tx.sql.dialect.rest(of: "emails")) WHERE id < ?1 AND due_at IS NULL
            ORDER BY id LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked)
            """, [.id(EmailID.lowest(at: time)), .integer(count)]
        ) { try $0.emailID(0) }
        let waiting = try emailsWithOpenCopies(among: old)
        let gone = old.filter { !waiting.contains($0) }
        for table in MonthlyTable.emails {
            let rest = tx.sql.dialect.rest(of: table.name)
            try tx.sql.execute(overRows: gone.map { [.id($0)] }) { "DELETE FROM \(rest) WHERE \(table.column) IN (VALUES \($0))" }
        }
        return gone.count * Self.rowsPerEmail
    }

    /// Returns the emails of which copies, which share their content, are still to be sent.
    ///
    /// The copies stay locked.
    func emailsWithOpenCopies(among emails: [EmailID]) throws -> Set<EmailID> {
        guard !emails.isEmpty else { return [] }
        let originals = try copies(of: emails)
        guard !originals.isEmpty else { return [] }
        let lock = tx.sql.dialect.forUpdate
        let open = try tx.sql.query(
            over: originals.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map { .id($0) },
            { "SELECT id, due_at FROM emails WHERE id IN (\($0)) ORDER BY id\(lock)" }
        ) { (try $0.emailID(0), isOpen: !$0.isNull(1)) }
        return Set(open.filter(\.isOpen).compactMap { originals[$0.0] })
    }

    /// Returns the copies of emails, each with the email that it is a copy of.
    private func copies(of emails: [EmailID]) throws -> [EmailID: EmailID] {
        let contents = try tx.sql.query(
            over: emails.map { .id($0) }, { "SELECT id, extras FROM email_contents WHERE id IN (\($0)) AND extras IS NOT NULL" }
        ) { row in
            var content = EmailContent(subject: "", text: "")
            // Malformed extras must not keep newer emails from being deleted.
            _ = try? content.decodeExtras(row.text(1))
            return (id: try row.emailID(0), copies: content.recipients?.copies ?? [])
        }
        return contents.reduce(into: [:]) { originals, content in
            for copy in content.copies { originals[copy.id] = content.id }
        }
    }
}
