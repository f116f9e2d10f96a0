/// An element's attributes, character references resolved.
struct HTMLAttributes {
    /// All attributes, where the tokenizer keeps them, also several of the same name.
    ///
    /// Names are in lower case.
    var all: [(name: String, value: [UInt8])] = []
    /// `href`, where it is http or https; for `mailto:` and `tel:` without the scheme.
    var reference: [UInt8] = []
    /// The value of `alt`.
    var alternative: [UInt8] = []
}

/// Splits HTML into text and tags, in one pass without backtracking.
struct HTMLTokenizer {
    enum Token {
        /// Text with character references resolved.
        case text([UInt8])
        /// A start tag, its name in lower case. For elements whose content is not text for readers, with that content as written.
        case start(String, HTMLAttributes, unread: ArraySlice<UInt8>)
        /// An end tag.
        case end(String)
    }

    private let bytes: [UInt8]
    private let keepsAttributes: Bool
    private var position = 0
    /// The positions of the last `>` and the last quotes: nothing after them is ever closed.
    private let lastClose: Int
    private let lastQuotes: [UInt8: Int]

    /// The elements whose content is not text for readers.
    private static let unreadable: Set = ["script", "style", "title", "template", "textarea", "noframes", "xmp"]

    /// - Parameter keepsAttributes: whether all attributes are collected, or only those that plain text needs.
    init(_ html: String, keepsAttributes: Bool = false) {
        bytes = Array(html.utf8)
        self.keepsAttributes = keepsAttributes
        lastClose = bytes.lastIndex(of: UInt8(ascii: ">")) ?? -1
        lastQuotes = [0x22: bytes.lastIndex(of: 0x22) ?? -1, 0x27: bytes.lastIndex(of: 0x27) ?? -1]
    }

    mutating func next() -> Token? {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<"), position < lastClose else { return text() }
            switch bytes[position + 1] {
            case UInt8(ascii: "!"), UInt8(ascii: "?"): skipDeclaration()
            case UInt8(ascii: "/") where HTMLText.isLetter(bytes[position + 2 < bytes.count ? position + 2 : position]):
                position += 2
                let name = name()
                skip(to: UInt8(ascii: ">"))
                return .end(name)
            case let byte where HTMLText.isLetter(byte): return startTag()
            default: return text()
            }
        }
        return nil
    }

    /// The text up to the next `<`.
    ///
    /// A `<` that does not begin a tag is text.
    private mutating func text() -> Token {
        let start = position
        position = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        return .text(HTMLEntities.decoded(bytes[start..<position]))
    }

    private mutating func startTag() -> Token? {
        position += 1
        let name = name()
        let attributes = attributes()
        return .start(name, attributes, unread: Self.unreadable.contains(name) ? skipContent(of: name) : [])
    }

    private mutating func name() -> String {
        let start = position
        while position < bytes.count, !HTMLText.isSpace(bytes[position]), bytes[position] != UInt8(ascii: ">"),
            bytes[position] != UInt8(ascii: "/")
        {
            position += 1
        }
        return String(decoding: bytes[start..<position].prefix(16), as: UTF8.self).lowercased()
    }

    private mutating func skip(to byte: UInt8) {
        position = bytes[position...].firstIndex(of: byte).map { $0 + 1 } ?? bytes.count
    }

    private mutating func skipDeclaration() {
        if HTMLText.matches(Array("<!--".utf8), in: bytes, at: position) {
            skip(past: Array("-->".utf8))
        } else {
            skip(to: UInt8(ascii: ">"))
        }
    }

    /// Moves behind the pattern, or to the end where it does not occur.
    private mutating func skip(past pattern: [UInt8]) {
        while position < bytes.count {
            if bytes[position] == pattern[0], HTMLText.matches(pattern, in: bytes, at: position) {
                position += pattern.count
                return
            }
            position += 1
        }
    }

    private mutating func skipContent(of name: String) -> ArraySlice<UInt8> {
        let start = position
        let end = Array("</\(name)".utf8)
        skip(past: end)
        let isClosed = position - end.count >= start && HTMLText.matches(end, in: bytes, at: position - end.count)
        let content = bytes[start..<(isClosed ? position - end.count : position)]
        skip(to: UInt8(ascii: ">"))
        return content
    }

    /// Parses attributes up to the end of the tag.
    private mutating func attributes() -> HTMLAttributes {
        var attributes = HTMLAttributes()
        while position < bytes.count, bytes[position] != UInt8(ascii: ">") {
            guard !HTMLText.isSpace(bytes[position]), bytes[position] != UInt8(ascii: "/") else {
                position += 1
                continue
            }
            let name = attributeName()
            let value = attributeValue()
            if keepsAttributes { attributes.all.append((name, HTMLEntities.decoded(value))) }
            switch name {
            case "href": attributes.reference = Self.reference(HTMLEntities.decoded(value))
            case "alt": attributes.alternative = HTMLEntities.decoded(value)
            default: break
            }
        }
        position += 1
        return attributes
    }

    private mutating func attributeName() -> String {
        let start = position
        repeat { position += 1 } while position < bytes.count && !HTMLText.isSpace(bytes[position]) && !"=>/".utf8.contains(bytes[position])
        return String(decoding: bytes[start..<position].prefix(16), as: UTF8.self).lowercased()
    }

    private mutating func attributeValue() -> ArraySlice<UInt8> {
        skipSpaces()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { return [] }
        position += 1
        skipSpaces()
        guard position < bytes.count else { return [] }
        if let last = lastQuotes[bytes[position]], position < last {
            let start = position + 1
            position = start
            skip(to: bytes[start - 1])
            return bytes[start..<position - 1]
        }
        // An unclosed quote does not hide the rest of the text.
        if lastQuotes[bytes[position]] != nil { position += 1 }
        let start = position
        while position < bytes.count, !HTMLText.isSpace(bytes[position]), bytes[position] != UInt8(ascii: ">") { position += 1 }
        return bytes[start..<position]
    }

    private mutating func skipSpaces() {
        while position < bytes.count, HTMLText.isSpace(bytes[position]) { position += 1 }
    }

    private static func reference(_ value: [UInt8]) -> [UInt8] {
        let value = value.filter { $0 > 0x20 && $0 != 0x7F }
        for scheme in ["mailto:", "tel:"] where HTMLText.matches(Array(scheme.utf8), in: value, at: 0) {
            return Array(value.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "?") })
        }
        let leadsSomewhere = ["http:", "https:"].contains { HTMLText.matches(Array($0.utf8), in: value, at: 0) }
        return leadsSomewhere ? value : []
    }
}
