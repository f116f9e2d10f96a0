import JSON
import MailModel

// The less frequent parts of an email's content, as one JSON object in `email_contents.extras`.

extension Email {
    /// The JSON text; `nil` where there is nothing to store.
    ///
    /// A copy stores what lists and reports need; the rest is stored with the email that it is a copy of.
    var extras: String? {
        guard content.hasExtras || copyOf != nil else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            if let copyOf {
                writer.member("copyOf", [copyOf.id.description, copyOf.kind.rawValue])
                writer.member("tags", content.tags)
                content.writeShown(to: &writer)
            } else {
                content.writeExtras(to: &writer)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Sets what the JSON text has.
    ///
    /// - Throws: ``StorageError/malformed(_:)``.
    mutating func decodeExtras(_ text: String) throws {
        let extras = try content.decodeExtras(text)
        guard let origin = extras["copyOf"] else { return }
        let parts = origin.strings
        guard parts.count == 2, let id = EmailID(parts[0]), let kind = EmailCopy.Kind(rawValue: parts[1]) else { throw malformed }
        copyOf = CopyOrigin(id: id, kind: kind)
    }
}

extension EmailContent {
    fileprivate var hasExtras: Bool {
        !(replyTo.isEmpty && headers.isEmpty && tags.isEmpty && attachments.isEmpty && sendAt == nil && list == nil && category == nil
            && !isPlainText)
            || recipients != nil
    }

    fileprivate func writeExtras(to writer: inout JSONWriter) {
        writer.member("replyTo", replyTo.map(\.description))
        writer.member("headers") { writer in
            writer.array { writer in
                for header in headers { writer.value([header.name, header.value]) }
            }
        }
        writer.member("tags", tags)
        writeShown(to: &writer)
        if isPlainText { writer.member("plain", true) }
        if let list { writer.member("list", list) }
        if let recipients {
            writer.member("to", recipients.to.description)
            writer.member("copies") { writer in
                writer.array { writer in
                    for copy in recipients.copies { writer.value([copy.id.description, copy.address.description, copy.kind.rawValue]) }
                }
            }
        }
        if !attachments.isEmpty {
            writer.member("attachments") { writer in
                writer.array { writer in for attachment in attachments { attachment.write(to: &writer) } }
            }
        }
    }

    /// Writes what lists show.
    fileprivate func writeShown(to writer: inout JSONWriter) {
        if let sendAt { writer.member("sendAt", sendAt.milliseconds) }
        if let category { writer.member("category", category.rawValue) }
    }

    /// Sets what the JSON text has for the content.
    ///
    /// - Returns: the whole object, which may have more members.
    /// - Throws: ``StorageError/malformed(_:)``.
    @discardableResult
    mutating func decodeExtras(_ text: String) throws -> JSONObject {
        let extras = try? JSONValue.parse(text.utf8).objectValue
        guard let extras else { throw malformed }
        replyTo = (extras["replyTo"]?.strings ?? []).map(EmailAddress.init(validated:))
        tags = extras["tags"]?.strings ?? []
        sendAt = extras["sendAt"]?.integerValue.map(Timestamp.init(milliseconds:))
        list = extras["list"]?.stringValue
        category = extras["category"]?.stringValue.flatMap(EmailCategory.init(rawValue:))
        isPlainText = extras["plain"]?.boolValue ?? false
        headers = (extras["headers"]?.arrayValue ?? []).compactMap { pair in
            let parts = pair.strings
            return parts.count == 2 ? HeaderField(name: parts[0], value: parts[1]) : nil
        }
        attachments = try (extras["attachments"]?.arrayValue ?? []).map(Attachment.init)
        if let to = extras["to"]?.stringValue {
            recipients = Recipients(
                to: EmailAddress(validated: to), copies: try (extras["copies"]?.arrayValue ?? []).map(EmailCopy.init))
        }
        return extras
    }
}

extension EmailCopy {
    fileprivate init(_ value: JSONValue) throws {
        let parts = value.strings
        guard parts.count == 3, let id = EmailID(parts[0]), let kind = Kind(rawValue: parts[2]) else { throw malformed }
        self.init(id: id, address: EmailAddress(validated: parts[1]), kind: kind)
    }
}

extension Attachment {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("filename", filename)
            writer.member("contentType", contentType)
            if let contentID { writer.member("contentId", contentID) }
            writer.member("size", size)
        }
    }

    fileprivate init(_ value: JSONValue) throws {
        guard let object = value.objectValue, let filename = object["filename"]?.stringValue,
            let type = object["contentType"]?.stringValue, let size = object["size"]?.integerValue
        else { throw malformed }
        self.init(filename: filename, contentType: type, contentID: object["contentId"]?.stringValue, size: Int(size))
    }
}

private let malformed = StorageError.malformed("email_contents.extras")

extension JSONValue {
    fileprivate var strings: [String] {
        arrayValue?.compactMap(\.stringValue) ?? []
    }
}
