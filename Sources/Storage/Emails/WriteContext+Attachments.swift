import Database
public import MailModel

extension WriteContext {
    /// Keeps the bytes of an email's attachments, in their order; its copies share them.
    public func insert(attachments: [[UInt8]], of id: EmailID) throws {
        for (number, data) in attachments.enumerated() {
            // One by one: together with those of other emails they could be more than a statement takes.
            try transaction.execute(Self.attachments.statement, [.id(id), .integer(number), .blob(data)])
        }
    }

    private static let attachments = Insertion(into: "email_attachments", ["email_id", "number", "data"])
}

extension ReadContext {
    /// The bytes of an email's attachments, in their order.
    public func attachments(of email: Email) throws -> [[UInt8]] {
        guard !email.content.attachments.isEmpty else { return [] }
        let data = try transaction.query(
            "SELECT data FROM email_attachments WHERE email_id = ?1 ORDER BY number", [.id(email.contentID)]
        ) { $0.blob(0) }
        guard data.count == email.content.attachments.count else { throw StorageError.malformed("email_attachments") }
        return data
    }

    /// What became of an email's copies so far.
    public func statuses(of copies: [EmailCopy]) throws -> [EmailID: EmailStatus] {
        guard !copies.isEmpty else { return [:] }
        let values = padded(copies.map { DatabaseValue.id($0.id) })
        let found = try transaction.query("SELECT id, status FROM emails WHERE id IN (\(parameters(values)))", values) {
            row -> (EmailID, EmailStatus) in (try row.emailID(0), try row.choice(1))
        }
        return Dictionary(found) { first, _ in first }
    }

    /// Gives a copy the content that it shares with the email it is a copy of.
    func complete(_ email: Email) throws -> Email {
        guard let origin = email.copyOf else { return email }
        var email = email
        let content = try transaction.first(
            "SELECT body, html, extras FROM email_contents WHERE id = ?1", [.id(origin.id)]
        ) { (text: $0.text(0), html: $0.optionalText(1), extras: $0.optionalText(2)) }
        // An email outlives its content for as long as it takes to delete what is old: nothing is sent of that any more.
        guard let content else { return email }
        email.content.text = content.text
        email.content.html = content.html
        if let extras = content.extras { try email.content.takeExtras(extras) }
        return email
    }
}
