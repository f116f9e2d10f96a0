import Database
package import MailModel

extension WriteContext {
    /// Keeps the bytes of an email's attachments, in their order; its copies share them.
    package func insert(attachments: [[UInt8]], of id: EmailID) throws {
        for (number, data) in attachments.enumerated() {
            // One by one: together with those of other emails they could be more than a statement takes.
            try transaction.execute(Self.attachments.statement, [.id(id), .integer(number), .blob(data)])
        }
    }

    private static let attachments = Insertion(into: "email_attachments", ["email_id", "number", "data"])
}

extension ReadContext {
    /// The bytes of an email's attachments, in their order.
    package func attachments(of email: Email) throws -> [[UInt8]] {
        guard !email.content.attachments.isEmpty else { return [] }
        let data = try transaction.query(
            "SELECT data FROM email_attachments WHERE email_id = ?1 ORDER BY number", [.id(email.contentID)]
        ) { $0.blob(0) }
        guard data.count == email.content.attachments.count else { throw StorageError.malformed("email_attachments") }
        return data
    }

    /// What became of an email's copies so far.
    package func statuses(of copies: [EmailCopy]) throws -> [EmailID: EmailStatus] {
        let found = try transaction.query(over: copies.map { .id($0.id) }, { "SELECT id, status FROM emails WHERE id IN (\($0))" }) {
            row -> (EmailID, EmailStatus) in (try row.emailID(0), try row.choice(1))
        }
        return Dictionary(found) { first, _ in first }
    }
}
