import Database
import JSON
import MailModel

/// How an email lies in its rows.
enum EmailRow {
    static let select = select(body: "c.body", html: "c.html")
    /// For lists: without the bodies, of which one may have 10 MB.
    static let selectSummary = select(body: "''", html: "NULL")

    private static func select(body: String, html: String) -> String {
        """
        SELECT e.id, e.account_id, a.reference, e.operator, e.domain_id, e.sender, e.recipient, e.status, e.external_id, e.client_id, \
        e.created_at, e.updated_at, e.attempts, c.subject, \(body), \(html), c.alias, c.unsubscribe_text, e.callbacks, c.extras
        FROM emails e JOIN accounts a ON a.id = e.account_id JOIN email_contents c ON c.id = e.id
        """
    }

    static func decode(_ row: any DatabaseRow) throws -> Email {
        Email(
            id: try row.emailID(0), accountID: row.integer(1), userName: row.text(2), operatorName: row.text(3),
            domainID: domainID(row.integer(4)),
            sender: EmailAddress(validated: row.text(5)), recipient: EmailAddress(validated: row.text(6)), status: try row.choice(7),
            externalID: row.optionalText(8), clientID: row.optionalText(9),
            createdAt: row.requiredTimestamp(10), updatedAt: row.requiredTimestamp(11), attempts: row.integer(12),
            content: try content(row))
    }

    /// Where no domain was charged the column has 0, which is no domain's id.
    static func domainID(_ stored: Int64) -> Int64? {
        stored == 0 ? nil : stored
    }

    private static func content(_ row: any DatabaseRow) throws -> EmailContent {
        var content = EmailContent(
            subject: row.text(13), text: row.text(14), html: row.optionalText(15), alias: row.optionalText(16),
            unsubscribeText: row.optionalText(17),
            callbacks: callbacks(row.optionalText(18)))
        if let extras = row.optionalText(19) { try content.takeExtras(extras) }
        return content
    }

    /// URLs, of which none has a line break; `nil` for none.
    static func stored(_ callbacks: [String]) -> String? {
        callbacks.isEmpty ? nil : callbacks.joined(separator: "\n")
    }

    static func callbacks(_ text: String?) -> [String] {
        text?.split(separator: "\n").map(String.init) ?? []
    }
}

extension EmailContent {
    /// What few emails have, as one JSON object; `nil` when this one has none of it.
    var extras: String? {
        guard !(replyTo.isEmpty && headers.isEmpty && tags.isEmpty && sendAt == nil && list == nil) else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("replyTo", replyTo.map(\.description))
            writer.member("headers") { writer in
                writer.array { writer in
                    for header in headers { writer.value([header.name, header.value]) }
                }
            }
            writer.member("tags", tags)
            if let sendAt { writer.member("sendAt", sendAt.milliseconds) }
            if let list { writer.member("list", list) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    mutating func takeExtras(_ text: String) throws {
        let extras = try? JSONValue.parse(text.utf8).objectValue
        guard let extras else { throw StorageError.malformed("email_contents.extras") }
        replyTo = strings(extras["replyTo"]).map(EmailAddress.init(validated:))
        tags = strings(extras["tags"])
        sendAt = extras["sendAt"]?.integerValue.map(Timestamp.init(milliseconds:))
        list = extras["list"]?.stringValue
        headers = (extras["headers"]?.arrayValue ?? []).compactMap { pair in
            let parts = strings(pair)
            return parts.count == 2 ? HeaderField(name: parts[0], value: parts[1]) : nil
        }
    }

    private func strings(_ value: JSONValue?) -> [String] {
        value?.arrayValue?.compactMap(\.stringValue) ?? []
    }
}
