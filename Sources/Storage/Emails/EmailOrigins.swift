import Database
package import MailModel

extension Emails {
    /// Adds to copies the content that they share with the emails they are copies of.
    func complete(_ emails: [Email]) throws -> [Email] {
        let origins = try EmailOrigins(of: emails, tx.sql)
        // A copy may outlive the shared content while old emails are being deleted: it is returned without it, and is never sent again.
        return try emails.map { try origins.complete($0) ?? $0 }
    }

    /// Returns a claimed email with all of its content.
    ///
    /// - Throws: ``StorageError/malformed(_:)`` where the content does not exist, or is not what the email says.
    package func completed(_ claimed: ClaimedEmail) throws -> (email: Email, attachments: [[UInt8]]) {
        var email = claimed.email
        if claimed.textsAreLeft {
            let texts = try tx.sql.first("SELECT body, html FROM email_contents WHERE id = ?1", [.id(email.contentID)]) {
                (text: $0.text(0), html: $0.optionalText(1))
            }
            guard let texts else { throw StorageError.malformed("email_contents") }
            (email.content.text, email.content.html) = texts
            email = try filled(email)
        }
        return (email, try attachments(of: email))
    }

    /// Fills in the texts of an email of a template.
    ///
    /// - Throws: ``StorageError/malformed(_:)`` where what they are made of cannot be read.
    func filled(_ email: Email) throws -> Email {
        guard email.content.templateBytes != nil else { return email }
        var email = email
        (email.content.text, email.content.html) = try tx.templateVersions.texts(of: email.contentID)
        return email
    }
}

/// The content that copies share with the emails they are copies of, read at once for all of them.
struct EmailOrigins {
    private struct Content {
        var text: String
        var html: String?
        var extras: String?
    }

    private var contents: [EmailID: Content] = [:]

    /// - Returns: the email with its content; `nil` where that does not exist any more.
    /// - Throws: ``StorageError/malformed(_:)``.
    func complete(_ email: Email) throws -> Email? {
        guard let origin = email.copyOf, !email.recipient.isErased else { return email }
        guard let content = contents[origin.id] else { return nil }
        var email = email
        email.content.text = content.text
        email.content.html = content.html
        if let extras = content.extras { try email.content.decodeExtras(extras) }
        return email
    }
}

extension EmailOrigins {
    /// - Parameter withTexts: false leaves the texts empty.
    init(of emails: [Email], withTexts: Bool = true, _ sql: any DatabaseTransaction) throws {
        let ids = Set(emails.compactMap { $0.copyOf?.id })
        guard !ids.isEmpty else { return }
        let columns = withTexts ? "id, body, html, extras" : "id, '', NULL, extras"
        let found = try sql.query(
            over: ids.map { .id($0) }, { "SELECT \(columns) FROM email_contents WHERE id IN (\($0))" }
        ) { (try $0.emailID(0), Content(text: $0.text(1), html: $0.optionalText(2), extras: $0.optionalText(3))) }
        contents = Dictionary(found) { first, _ in first }
    }
}
