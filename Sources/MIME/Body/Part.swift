/// A part of a message: its header fields and its content (RFC 2045, RFC 2046).
struct Part {
    enum Content {
        /// The encoded content.
        case leaf([UInt8], TransferEncoding)
        case multipart([Part], boundary: String)
    }

    var headers: HeaderBlock
    var content: Content

    static func text(_ text: String, subtype: String) -> Part {
        let body = TextBody(text)
        let encoding = body.encoding
        var headers = HeaderBlock()
        headers.line("Content-Type", "text/\(subtype); charset=utf-8")
        headers.line("Content-Transfer-Encoding", encoding.rawValue)
        return Part(headers: headers, content: .leaf(encoding.encode(body.bytes), encoding))
    }

    static func attachment(_ attachment: OutgoingMessage.Attachment, isInline: Bool) -> Part {
        var headers = HeaderBlock()
        let type = (try? ContentType(attachment.contentType)) ?? .octetStream
        headers.foldedParameters("Content-Type", type.name, type.writtenParameters)
        headers.parameters("Content-Disposition", isInline ? "inline" : "attachment", Parameter.segments("filename", attachment.filename))
        if let id = attachment.contentID { headers.line("Content-ID", "<" + HeaderSyntax.identifier(id) + ">") }
        headers.line("Content-Transfer-Encoding", TransferEncoding.base64.rawValue)
        return Part(headers: headers, content: .leaf(TransferEncoding.base64.encode(attachment.data), .base64))
    }

    /// A multipart of this part and others; this part itself where there are no others.
    func joined(with others: [Part], as subtype: String, seed: String) -> Part {
        guard !others.isEmpty else { return self }
        let parts = [self] + others
        let boundary = Boundary.choose(subtype: subtype, seed: seed) { boundary in parts.contains { $0.mayContain(boundary) } }
        var headers = HeaderBlock()
        headers.parameters("Content-Type", "multipart/\(subtype)", ["boundary=\"\(boundary)\""])
        return Part(headers: headers, content: .multipart(parts, boundary: boundary))
    }

    var approximateLength: Int {
        switch content {
        case .leaf(let bytes, _): headers.bytes.count + bytes.count
        case .multipart(let parts, _): parts.reduce(headers.bytes.count) { $0 + 100 + $1.approximateLength }
        }
    }

    /// Writes the content below the part's header.
    func writeContent(to output: inout [UInt8]) {
        switch content {
        case .leaf(let bytes, _):
            output.append(contentsOf: bytes)
        case .multipart(let parts, let boundary):
            for part in parts {
                output.append(contentsOf: "--\(boundary)\r\n".utf8)
                output.append(contentsOf: part.headers.bytes)
                output.append(contentsOf: "\r\n".utf8)
                part.writeContent(to: &output)
                output.append(contentsOf: "\r\n".utf8)
            }
            output.append(contentsOf: "--\(boundary)--\r\n".utf8)
        }
    }

    /// Whether the boundary occurs.
    ///
    /// It begins with `=_`, which neither base64 nor quoted-printable can contain.
    private func mayContain(_ boundary: String) -> Bool {
        switch content {
        case .leaf(let bytes, .sevenBit): Boundary.occurs(boundary, in: bytes)
        case .leaf: false
        case .multipart(let parts, let inner): inner == boundary || parts.contains { $0.mayContain(boundary) }
        }
    }
}

/// The boundary between the parts of a multipart (RFC 2046 section 5.1.1).
enum Boundary {
    /// Returns the first boundary of a sequence that does not occur.
    ///
    /// The sequence depends on the message's id, so that the same message has the same bytes.
    static func choose(subtype: String, seed: String, occurs: (String) -> Bool) -> String {
        let base = "=_\(subtype)_\(String(hash(seed), radix: 36))"
        var boundary = base
        var attempt = 0
        while occurs(boundary) {
            attempt += 1
            boundary = "\(base)_\(attempt)"
        }
        return boundary
    }

    static func occurs(_ boundary: String, in bytes: [UInt8]) -> Bool {
        let pattern = Array(boundary.utf8)
        guard bytes.count >= pattern.count else { return false }
        return bytes.indices.dropLast(pattern.count - 1).contains { bytes[$0] == pattern[0] && bytes[$0...].starts(with: pattern) }
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
