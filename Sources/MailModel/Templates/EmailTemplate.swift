/// A template: subject and texts of an account under a name, with places for values (``TemplateText``).
package struct EmailTemplate: Sendable, Equatable {
    /// The name, which is unique within the account.
    package var name: String
    /// The subject, with places for values.
    package var subject: String
    /// Plain text, or HTML where it has a tag.
    package var text: String
    /// HTML beside a plain `text`.
    package var html: String?
    /// When it was created.
    package var createdAt: Timestamp
    /// When it was last changed.
    package var updatedAt: Timestamp

    /// A template with these values.
    package init(name: String, subject: String, text: String, html: String?, createdAt: Timestamp, updatedAt: Timestamp) {
        self.name = name
        self.subject = subject
        self.text = text
        self.html = html
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A text with places for values: `{{name}}`.
///
/// A place is `{{`, a name and `}}`; blanks and tabs around the name are allowed. A backslash before `{{` makes it two literal braces, and two
/// backslashes before a place stand for one. Values are not parsed, so a value cannot refer to another one.
package struct TemplateText: Sendable, Equatable {
    private enum Part: Equatable {
        case text(String)
        case place(String)
    }

    private let parts: [Part]
    /// How often each name occurs.
    private let counts: [String: Int]
    /// The bytes of all that is not a place.
    private let literalBytes: Int
    /// The names of its places, each once, in the order in which they occur.
    package let names: [String]

    /// A place that begins with `{{` and has no valid name or end.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// Bytes of UTF-8 before it.
        package let offset: Int

        /// The fault, in a sentence.
        package var description: String {
            "{{ at byte \(offset + 1) is followed by no name and }}; a name has letters, digits, _, . and - and at most "
                + "\(TemplateText.longestName) characters, and \\{{ stands for the braces themselves"
        }
    }

    /// The most characters of a name.
    package static let longestName = 64

    /// Whether a text is a valid name: letters, digits, `_`, `.` and `-` of ASCII, beginning with a letter or `_`.
    package static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return nameEnd(in: bytes, from: 0) == bytes.count
    }

    /// Parses a text.
    package init(_ text: String) throws(Fault) {
        let bytes = Array(text.utf8)
        var parts: [Part] = []
        var counts: [String: Int] = [:]
        var names: [String] = []
        var literal: [UInt8] = []
        var literalBytes = 0
        var index = 0
        while index < bytes.count {
            guard Self.isDouble(Self.open, in: bytes, at: index) else {
                literal.append(bytes[index])
                index += 1
                continue
            }
            let backslashes = literal.reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            literal.removeLast((backslashes + 1) / 2)
            if backslashes.isMultiple(of: 2) {
                guard let (name, end) = Self.place(in: bytes, at: index) else { throw Fault(offset: index) }
                if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
                parts.append(.place(name))
                if counts.updateValue((counts[name] ?? 0) + 1, forKey: name) == nil { names.append(name) }
                literalBytes += literal.count
                literal.removeAll(keepingCapacity: true)
                index = end
            } else {
                literal += [Self.open, Self.open]
                index += 2
            }
        }
        if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
        self.parts = parts
        self.counts = counts
        self.names = names
        self.literalBytes = literalBytes + literal.count
    }

    /// Returns the size of ``filled(with:)`` in bytes of UTF-8, without making it.
    package func size(with values: [String: String]) -> Int {
        counts.reduce(literalBytes) { sum, place in
            sum + place.value * (values[place.key]?.utf8.count ?? place.key.utf8.count + 4)
        }
    }

    /// Returns the text with the values in their places.
    ///
    /// A place without a value stays as it is.
    package func filled(with values: [String: String]) -> String {
        var text = ""
        text.reserveCapacity(size(with: values))
        for part in parts {
            switch part {
            case .text(let literal): text += literal
            case .place(let name): text += values[name] ?? "{{\(name)}}"
            }
        }
        return text
    }
}

extension TemplateText {
    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")

    private static func isDouble(_ brace: UInt8, in bytes: [UInt8], at index: Int) -> Bool {
        index + 1 < bytes.count && bytes[index] == brace && bytes[index + 1] == brace
    }

    /// The name of the place that begins at the index, and where it ends.
    private static func place(in bytes: [UInt8], at index: Int) -> (name: String, end: Int)? {
        let start = skipBlanks(in: bytes, from: index + 2)
        guard let end = nameEnd(in: bytes, from: start) else { return nil }
        let closing = skipBlanks(in: bytes, from: end)
        guard isDouble(close, in: bytes, at: closing) else { return nil }
        return (String(decoding: bytes[start..<end], as: UTF8.self), closing + 2)
    }

    private static func skipBlanks(in bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") } ?? bytes.count
    }

    /// Where the name that begins here ends; `nil` where none does.
    private static func nameEnd(in bytes: [UInt8], from start: Int) -> Int? {
        let name = bytes[start...].prefix(longestName + 1).prefix(while: isNameByte)
        guard let first = name.first, first == UInt8(ascii: "_") || isLetter(first), name.count <= longestName else { return nil }
        return start + name.count
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_.-".utf8.contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
