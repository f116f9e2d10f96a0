/// What people read of a message: its text, its HTML, and the files that it has (RFC 2046).
///
/// A structure that cannot be read, or is nested or divided beyond ``Limits``, is left out from there on.
package struct MessagePreview: Sendable {
    /// A file of a message.
    package struct File: Sendable, Equatable {
        /// Its name, which may be empty.
        package var filename: String
        /// Its media type.
        package var contentType: String
        /// What `cid:` in the HTML refers to; `nil` for none.
        package var contentID: String?
        /// Its size, decoded, in bytes.
        package var size: Int
    }

    /// The bounds of what is read.
    package enum Limits {
        /// How deep parts are nested.
        package static let depth = 10
        /// All parts of a message.
        package static let parts = 200
        /// A text, encoded, in bytes.
        package static let textBytes = 1 << 20
        /// The header of a part, in bytes.
        static let headerBytes = 32 << 10
    }

    /// The subject, decoded; empty without one.
    package private(set) var subject = ""
    /// The first plain text, with lines that end with LF.
    package private(set) var text: String?
    /// The first text in HTML.
    package private(set) var html: String?
    /// All other parts, in their order.
    package private(set) var files: [File] = []
    private var parts = 0

    /// Reads a message.
    package init(_ message: RawMessage) {
        subject = Self.subject(of: message)
        let header = PartHeader(message.fields, in: message.bytes)
        add(header, message.bytes[message.bodyStart...], depth: 0)
    }

    /// The subject of a message, decoded.
    package static func subject(of message: RawMessage) -> String {
        message.values(of: "subject").first.map(EncodedWord.text) ?? ""
    }

    private mutating func add(_ header: PartHeader, _ body: ArraySlice<UInt8>, depth: Int) {
        guard parts < Limits.parts, depth <= Limits.depth else { return }
        parts += 1
        let type = header.type
        if type.value.hasPrefix("multipart/"), let boundary = type["boundary"], !boundary.isEmpty {
            let inner = type.value == "multipart/digest" ? "message/rfc822" : "text/plain"
            for part in PartDivider(body, boundary: boundary, most: Limits.parts - parts) {
                let (header, start) = PartHeader.read(part, default: inner)
                add(header, part[start...], depth: depth + 1)
            }
        } else if !header.isAttachment, type.value == "text/plain", text == nil {
            text = Self.text(header, body)
        } else if !header.isAttachment, type.value == "text/html", html == nil {
            html = Self.text(header, body)
        } else {
            files.append(Self.file(header, body))
        }
    }

    private static func text(_ header: PartHeader, _ body: ArraySlice<UInt8>) -> String {
        let bytes = TransferDecoding.decode(body.prefix(Limits.textBytes), header.encoding)
        // NUL may come of an encoding, and no database stores it in a text.
        return Charset.decode(bytes.lazy.filter { $0 != 0x0D && $0 != 0 }, header.type["charset"])
    }

    private static func file(_ header: PartHeader, _ body: ArraySlice<UInt8>) -> File {
        let type = header.type.value
        return File(
            filename: HeaderSyntax.withoutControls(header.filename ?? ""), contentType: HeaderSyntax.withoutControls(type),
            contentID: header.contentID, size: TransferDecoding.decodedSize(body, header.encoding))
    }
}

/// What a header says of the body behind it.
private struct PartHeader {
    var type: FieldParameters
    var encoding = ""
    var disposition = FieldParameters("")
    var contentID: String?

    var isAttachment: Bool { disposition.value == "attachment" }
    var filename: String? { disposition.text("filename") ?? type.text("name") }

    /// - Parameter defaultType: the media type where the header has none.
    init(_ fields: [RawMessage.Field], in bytes: [UInt8], default defaultType: String = "text/plain") {
        type = FieldParameters(defaultType)
        for field in fields {
            let value = RawMessage.unfolded(bytes[field.value])
            switch field.name {
            case "content-type": type = FieldParameters(value)
            case "content-transfer-encoding": encoding = value
            case "content-disposition": disposition = FieldParameters(value)
            case "content-id": contentID = HeaderSyntax.identifier(value)
            default: break
            }
        }
    }

    /// Reads the header of a part, up to the first line that belongs to none.
    ///
    /// - Returns: the header, and where the body behind it begins.
    static func read(_ part: ArraySlice<UInt8>, default defaultType: String) -> (header: PartHeader, bodyStart: Int) {
        let bytes = Array(part.prefix(MessagePreview.Limits.headerBytes))
        var fields: [RawMessage.Field] = []
        var start = 0
        while start < bytes.count, bytes[start] != 0x0D {
            let end = RawMessage.lineEnd(in: bytes, from: start)
            if RawMessage.isBlank(bytes[start]), let last = fields.indices.last {
                fields[last].value = fields[last].value.lowerBound..<end
            } else if let field = RawMessage.field(start..<end, in: bytes) {
                fields.append(field)
            } else {
                break
            }
            start = end
        }
        if start < bytes.count, bytes[start] == 0x0D { start = RawMessage.lineEnd(in: bytes, from: start) }
        return (PartHeader(fields, in: bytes, default: defaultType), part.startIndex + start)
    }
}

/// The parts of a multipart body, without preamble and epilogue (RFC 2046 section 5.1.1).
private struct PartDivider: Sequence, IteratorProtocol {
    private let body: ArraySlice<UInt8>
    private let delimiter: [UInt8]
    private var start: Int?
    private var left: Int

    /// - Parameter most: the most parts that are returned.
    init(_ body: ArraySlice<UInt8>, boundary: String, most: Int) {
        self.body = body
        delimiter = Array("--\(boundary)".utf8)
        left = most
        start = nil
        if let first = nextDelimiter(from: body.startIndex), !first.isLast { start = first.end }
    }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let begin = start, left > 0 else { return nil }
        left -= 1
        guard let found = nextDelimiter(from: begin) else {
            start = nil
            return body[begin...]
        }
        start = found.isLast ? nil : found.end
        // The line end before a delimiter belongs to it.
        return body[begin..<Swift.max(begin, found.begin - 2)]
    }

    private func nextDelimiter(from position: Int) -> (begin: Int, end: Int, isLast: Bool)? {
        var line = position
        while line < body.endIndex {
            let end = body[line...].firstIndex(of: 0x0A).map { $0 + 1 } ?? body.endIndex
            let content = body[line..<end]
            if content.first == UInt8(ascii: "-"), content.starts(with: delimiter) {
                let rest = content.dropFirst(delimiter.count)
                let isLast = rest.starts(with: Array("--".utf8))
                if (isLast ? rest.dropFirst(2) : rest).allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }) {
                    return (line, end, isLast)
                }
            }
            line = end
        }
        return nil
    }
}
