import Hummingbird
import JSON
import MailModel
import Sending
import Web

extension EmailRequest {
    /// The email in the body of `POST /emails`.
    ///
    /// `null` counts as a field that is not given, because many clients write it so.
    ///
    /// Only the types are checked here; `Submission` validates the values.
    ///
    /// - Throws: one ``APIError`` that names every fault.
    init(_ object: JSONObject) throws(APIError) {
        var fields = Fields(object, nullIsAbsent: true)
        let isTemplate = object["template"].map { $0 != .null } ?? false
        let hasHTML = object["html"].map { $0 != .null } ?? false
        self.init(
            to: fields.recipient(), from: fields.requiredString("from"),
            text: hasHTML && !isTemplate ? fields.string("text") ?? "" : fields.string("text", unless: isTemplate),
            subject: fields.string("subject", unless: isTemplate))
        fromName = fields.string("fromName")
        template = fields.string("template")
        variables = fields.value("variables", "an object of strings, numbers, true and false") { $0.variables }
        html = fields.string("html")
        if isTemplate, html != nil { fields.refuseBesideTemplate("html") }
        category = fields.choice("category")
        externalID = fields.string("externalId")
        clientID = fields.string("clientId")
        alias = fields.string("alias")
        cc = fields.value("cc", "an array of addresses, or one string with commas between them") { $0.mailboxes } ?? []
        bcc = fields.value("bcc", "an array of addresses, or one string with commas between them") { $0.mailboxes } ?? []
        callbacks = fields.value("callbacks", "an array of URLs, or one string with commas between them") { $0.separated } ?? []
        replyTo = fields.value("replyTo", "an address, or an array of addresses") { $0.stringValue.map { [$0] } ?? $0.strings } ?? []
        headers = fields.value("headers", "an object of strings") { $0.headerFields } ?? []
        tags = fields.strings("tags") ?? []
        attachments = Self.attachments(&fields)
        list = fields.string("list")
        sendAt = fields.string("sendAt")
        try fields.check(missingStatus: .badRequest)
    }

    /// So many are validated; of more not each one's faults are named.
    private static let mostAttachments = 1000

    private static func attachments(_ fields: inout Fields) -> [AttachmentRequest] {
        let items =
            fields.value("attachments", "an array of at most \(mostAttachments) objects with filename and content") { value in
                value.arrayValue.flatMap { $0.count <= Self.mostAttachments ? $0 : nil }
            } ?? []
        return items.enumerated().compactMap { index, item in
            let field = "attachments[\(index)]"
            guard let object = item.objectValue else {
                fields.refuse(field, code: .wrongType, "expected an object with filename and content, found \(item.kind)")
                return nil
            }
            do throws(APIError) {
                return try AttachmentRequest(object, at: field)
            } catch {
                fields.refuse(error)
                return nil
            }
        }
    }
}

extension Fields {
    /// Reads `to`, for which many give an array.
    fileprivate mutating func recipient() -> String {
        requiredValue("to", "a string with one address (\(EmailRequest.insteadOfList))") { $0.stringValue } ?? ""
    }

    /// Reads a field that is required, unless a template is given instead.
    fileprivate mutating func string(_ name: String, unless isTemplate: Bool) -> String {
        guard isTemplate else { return requiredString(name) }
        if string(name) != nil { refuseBesideTemplate(name) }
        return ""
    }

    fileprivate mutating func refuseBesideTemplate(_ name: String) {
        refuse(name, "not expected beside template, which has subject, text and html")
    }
}

extension AttachmentRequest {
    /// - Parameter place: where the object stands in the request.
    fileprivate init(_ object: JSONObject, at place: String) throws(APIError) {
        var fields = Fields(object, nullIsAbsent: true, at: place)
        self.init(
            filename: fields.requiredString("filename"), content: fields.requiredString("content"),
            contentType: fields.string("contentType"), contentID: fields.string("contentId"))
        try fields.check()
    }
}

extension JSONValue {
    /// An array of strings, or the parts of a string between its commas.
    fileprivate var separated: [String]? {
        guard let list = stringValue else { return strings }
        return list.split(separator: ",").map { part in
            var part = part.drop { $0 == " " }
            while part.last == " " { part.removeLast() }
            return String(part)
        }.filter { !$0.isEmpty }
    }

    /// An array of strings, or the mailboxes of a string between the commas that are in no name.
    fileprivate var mailboxes: [String]? {
        stringValue.map(EmailRequest.mailboxes) ?? strings
    }

    fileprivate var variables: [String: String]? {
        guard let object = objectValue else { return nil }
        let values = object.compactMap { member in member.value.shownValue.map { (member.name, $0) } }
        return values.count == object.count ? Dictionary(values) { $1 } : nil
    }

    /// The value as it is put into a text; numbers as they were written.
    private var shownValue: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.description
        case .bool(let value): String(value)
        case .null, .array, .object: nil
        }
    }

    fileprivate var headerFields: [EmailContent.HeaderField]? {
        guard let object = objectValue else { return nil }
        let fields = object.compactMap { member in member.value.stringValue.map { EmailContent.HeaderField(name: member.name, value: $0) } }
        return fields.count == object.count ? fields : nil
    }
}

/// The size limits of a request for an email.
package struct EmailSize: Sendable {
    /// Without the content of attachments, in bytes (`emails.maximumBytes`).
    let bytes: Int
    /// Of the whole request, in bytes.
    let body: Int

    /// - Parameters:
    ///   - bytes: without the content of attachments (`emails.maximumBytes`).
    ///   - attachmentBytes: of all attachments together, decoded (`emails.maximumAttachmentBytes`).
    package init(bytes: Int, attachmentBytes: Int) {
        self.bytes = bytes
        body = bytes + (attachmentBytes + 2) / 3 * 4
    }

    /// Refuses emails that are too large without their attachments, which have a limit of their own.
    ///
    /// - Parameter body: the bytes of the request.
    func check(_ emails: [EmailRequest], body: Int) throws(APIError) {
        let rest = emails.reduce(body) { rest, email in email.attachments.reduce(rest) { $0 - $1.content.utf8.count } }
        guard rest > bytes else { return }
        throw APIError(.contentTooLarge, "Without attachments the request has \(rest) bytes, expected at most \(bytes)")
    }
}
