import Database
import MailModel

/// The rows of an email.
enum EmailRow {
    /// The columns that ``decode(_:)`` reads, with the texts.
    static let select = select(body: "c.body", html: "c.html")
    /// For lists: without the texts, of which one may have 10 MB.
    static let selectSummary = select(body: "''", html: "NULL")

    static let insertion = Insertion(
        into: "emails",
        [
            "id", "account_id", "domain_id", "operator", "sender", "recipient", "status", "external_id", "client_id", "created_at",
            "updated_at", "attempts", "due_at", "work", "callbacks", "reported",
            "content_bytes",
        ])
    static let contentInsertion = Insertion(
        into: "email_contents", ["id", "subject", "body", "html", "alias", "unsubscribe_text", "extras"])
    static let templateInsertion = Insertion(into: "email_templates", ["email_id", "version_id", "variables"])
    static let attachmentInsertion = Insertion(into: "email_attachments", ["email_id", "number", "data"])

    private static func select(body: String, html: String) -> String {
        """
        SELECT e.id, e.account_id, a.reference, e.operator, e.domain_id, e.sender, e.recipient, e.status, e.external_id, e.client_id, \
        e.created_at, e.updated_at, e.attempts, c.subject, \(body), \(html), c.alias, c.unsubscribe_text, e.callbacks, c.extras
        FROM emails e JOIN accounts a ON a.id = e.account_id JOIN email_contents c ON c.id = e.id
        """
    }
}

extension EmailRow {
    static func decode(_ row: any DatabaseRow) throws -> Email {
        var email = Email(
            id: try row.emailID(0), accountID: row.integer(1), userName: row.text(2), operatorName: row.text(3),
            domainID: domainID(row.integer(4)),
            sender: EmailAddress(validated: row.text(5)), recipient: EmailAddress(validated: row.text(6)), status: try row.choice(7),
            externalID: row.optionalText(8), clientID: row.optionalText(9),
            createdAt: row.requiredTimestamp(10), updatedAt: row.requiredTimestamp(11), attempts: row.integer(12),
            content: content(row))
        if let extras = row.optionalText(19) { try email.decodeExtras(extras) }
        return email
    }

    /// Where no domain was charged the column has 0, which is no domain's id.
    static func domainID(_ stored: Int64) -> Int64? {
        stored == 0 ? nil : stored
    }

    private static func content(_ row: any DatabaseRow) -> EmailContent {
        EmailContent(
            subject: row.text(13), text: row.text(14), html: row.optionalText(15), alias: row.optionalText(16),
            unsubscribeText: row.optionalText(17),
            callbacks: callbacks(row.optionalText(18)))
    }

    static func callbacks(_ text: String?) -> [String] {
        text?.split(separator: "\n").map(String.init) ?? []
    }
}

extension EmailRow {
    /// The values of a new email for ``insertion``.
    static func values(_ email: Email, dueAt: Timestamp?, marks: ReportMarks) -> [DatabaseValue] {
        [
            .id(email.id), .integer(email.accountID), .integer(email.domainID ?? 0), .text(email.operatorName),
            .text(email.sender.description), .text(email.recipient.description), .text(email.status.rawValue),
            .text(email.externalID), .text(email.clientID), .timestamp(email.createdAt), .timestamp(email.updatedAt), .integer(0),
            .timestamp(dueAt), dueAt == nil ? .null : .text(Work.ready.rawValue), .text(stored(email.content.callbacks)),
            .integer(marks.rawValue), .integer(email.content.byteCount),
        ]
    }

    /// The values of a new email for ``contentInsertion``.
    ///
    /// A copy stores no texts: it shares those of the email that it is a copy of. Nor does an email of a template, which shares those of the
    /// template.
    static func contentValues(_ email: Email) -> [DatabaseValue] {
        let (content, isShared) = (email.content, email.copyOf != nil || email.content.templateBytes != nil)
        return [
            .id(email.id), .text(content.subject), .text(isShared ? "" : content.text), .text(isShared ? nil : content.html),
            .text(content.alias), .text(content.unsubscribeText), .text(email.extras),
        ]
    }

    /// URLs, of which none has a line break; `nil` for none.
    private static func stored(_ callbacks: [String]) -> String? {
        callbacks.isEmpty ? nil : callbacks.joined(separator: "\n")
    }
}
