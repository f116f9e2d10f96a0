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
            && !isPlainText && templateBytes == nil && fromName == nil)
            || recipients != nil || isDropped || trace != nil
    }

    fileprivate func writeExtras(to writer: inout JSONWriter) {
        writer.member("replyTo", replyTo.map(\.address.description))
        writer.member("replyToNames", names: replyTo.map(\.name))
        writer.member("headers") { writer in
            writer.array { writer in
                for header in headers { writer.value([header.name, header.value]) }
            }
        }
        writer.member("tags", tags)
        writeShown(to: &writer)
        if isPlainText { writer.member("plain", true) }
        if let templateBytes { writer.member("template", templateBytes) }
        if let raw { writer.member("raw", ["unsubscribe"].filter { _ in raw.hasUnsubscribe }) }
        if isDropped { writer.member("dropped", true) }
        if let list { writer.member("list", list) }
        if let recipients {
            writer.member("to", recipients.to.description)
            writer.member("copies") { writer in
                writer.array { writer in
                    for copy in recipients.copies { writer.value([copy.id.description, copy.address.description, copy.kind.rawValue]) }
                }
            }
            writer.member("copyNames", names: recipients.copies.map(\.name))
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
        if let fromName { writer.member("fromName", fromName) }
        if let trace { writer.member("trace", trace.description) }
    }

    /// Sets what the JSON text has for the content.
    ///
    /// - Returns: the whole object, which may have more members.
    /// - Throws: ``StorageError/malformed(_:)``.
    @discardableResult
    mutating func decodeExtras(_ text: String) throws -> JSONObject {
        let extras = try? JSONValue.parse(text.utf8).objectValue
        guard let extras else { throw malformed }
        let replyToNames = Names(extras["replyToNames"])
        replyTo = (extras["replyTo"]?.strings ?? []).enumerated().map {
            Mailbox(name: replyToNames[$0.offset], address: EmailAddress(validated: $0.element))
        }
        fromName = extras["fromName"]?.stringValue
        tags = extras["tags"]?.strings ?? []
        sendAt = extras["sendAt"]?.integerValue.map(Timestamp.init(milliseconds:))
        list = extras["list"]?.stringValue
        category = extras["category"]?.stringValue.flatMap(EmailCategory.init(rawValue:))
        trace = extras["trace"]?.stringValue.flatMap(TraceContext.init(traceparent:))
        isPlainText = extras["plain"]?.boolValue ?? false
        templateBytes = extras["template"]?.integerValue.map(Int.init)
        isDropped = extras["dropped"]?.boolValue ?? false
        raw = extras["raw"].map { RawContent(hasUnsubscribe: $0.strings.contains("unsubscribe")) }
        headers = (extras["headers"]?.arrayValue ?? []).compactMap { pair in
            let parts = pair.strings
            return parts.count == 2 ? HeaderField(name: parts[0], value: parts[1]) : nil
        }
        attachments = try (extras["attachments"]?.arrayValue ?? []).map(Attachment.init)
        if let to = extras["to"]?.stringValue {
            let names = Names(extras["copyNames"])
            let copies = try (extras["copies"]?.arrayValue ?? []).enumerated().map { try EmailCopy($0.element, name: names[$0.offset]) }
            recipients = Recipients(to: EmailAddress(validated: to), copies: copies)
        }
        return extras
    }
}

extension EmailCopy {
    fileprivate init(_ value: JSONValue, name: String?) throws {
        let parts = value.strings
        guard parts.count == 3, let id = EmailID(parts[0]), let kind = Kind(rawValue: parts[2]) else { throw malformed }
        self.init(id: id, address: EmailAddress(validated: parts[1]), name: name, kind: kind)
    }
}

/// The display names of a list of addresses, which stand apart from it: nodes of the version before know the addresses alone.
private struct Names {
    private let names: [String]

    /// - Parameter value: an array with an empty text where an address has no name; `nil` where none has one.
    init(_ value: JSONValue?) {
        names = value?.strings ?? []
    }

    subscript(index: Int) -> String? {
        names.indices.contains(index) && !names[index].isEmpty ? names[index] : nil
    }
}

extension JSONWriter {
    /// Writes the display names of a list of addresses, where there is one.
    fileprivate mutating func member(_ name: String, names: [String?]) {
        guard names.contains(where: { $0 != nil }) else { return }
        member(name, names.map { $0 ?? "" })
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
