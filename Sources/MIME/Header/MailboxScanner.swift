import MailModel

/// Reads a mailbox from its beginning to its end, byte by byte and without going back.
struct MailboxScanner {
    private let bytes: [UInt8]
    private var index = 0
    /// Whether there is a comment outside of quotes; known once ``firstBracket()`` has found no bracket.
    private(set) var hasComment = false

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    typealias Malformed = MailboxSyntax.Malformed

    /// Whether a position is within quotes, a comment or angle brackets.
    struct Context {
        private(set) var isQuoted = false
        private(set) var depth = 0
        private var isBracketed = false
        private var isEscaped = false

        /// Whether a comma here would separate two mailboxes.
        var isOutside: Bool { !isQuoted && depth == 0 && !isBracketed }

        mutating func advance(by byte: UInt8) {
            guard !isEscaped else {
                isEscaped = false
                return
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = isQuoted || depth > 0
            case UInt8(ascii: "\"") where depth == 0: isQuoted.toggle()
            case _ where isQuoted: break
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth = max(0, depth - 1)
            case UInt8(ascii: "<") where depth == 0: isBracketed = true
            case UInt8(ascii: ">") where depth == 0: isBracketed = false
            default: break
            }
        }
    }

    /// Returns where the address in angle brackets begins; `nil` where the text has none outside of quotes and comments.
    mutating func firstBracket() throws(Malformed) -> Int? {
        var context = Context()
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "<"), context.isOutside { return index }
            context.advance(by: byte)
            hasComment = hasComment || context.depth > 0
        }
        if context.isQuoted { throw Malformed(reason: "expected a closing quote") }
        return nil
    }

    /// Returns the text without its comments and the blanks around it.
    func withoutComments() throws(Malformed) -> String {
        var context = Context()
        var kept: [UInt8] = []
        for byte in bytes {
            let wasComment = context.depth > 0
            context.advance(by: byte)
            if !wasComment && context.depth == 0 { kept.append(byte) }
        }
        guard context.depth == 0 else { throw Malformed(reason: "expected a closing parenthesis") }
        return String(decoding: kept, as: UTF8.self).trimmed
    }

    /// Returns the name before the angle bracket; `nil` for none.
    mutating func phrase(upTo bracket: Int) throws(Malformed) -> String? {
        var phrase = Phrase()
        while index < bracket {
            switch bytes[index] {
            case 0x20: index += 1
            case UInt8(ascii: "\""): try phrase.append(quotedString())
            case UInt8(ascii: "("): try skipComment()
            default: try phrase.append(atom: atom(upTo: bracket))
            }
        }
        let name = try phrase.finished().trimmed
        return name.isEmpty ? nil : name
    }

    /// Returns what is within the angle brackets, behind which there may be blanks and comments alone.
    mutating func bracketedAddress() throws(Malformed) -> String {
        index += 1
        let start = index
        var context = Context()
        while index < bytes.count, bytes[index] != UInt8(ascii: ">") || context.isQuoted {
            context.advance(by: bytes[index])
            index += 1
        }
        guard index < bytes.count else { throw Malformed(reason: "expected a closing angle bracket") }
        let address = String(decoding: bytes[start..<index], as: UTF8.self).trimmed
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case 0x20: index += 1
            case UInt8(ascii: "("): try skipComment()
            case UInt8(ascii: ","), UInt8(ascii: ";"): throw Malformed(reason: "expected one address, found a list")
            default: throw Malformed(reason: "expected nothing behind the address in angle brackets")
            }
        }
        return address
    }

    private mutating func quotedString() throws(Malformed) -> String {
        var content: [UInt8] = []
        var isEscaped = false
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if !isEscaped, byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { content.append(byte) }
        }
        throw Malformed(reason: "expected a closing quote")
    }

    private mutating func skipComment() throws(Malformed) {
        var context = Context()
        repeat {
            guard index < bytes.count else { throw Malformed(reason: "expected a closing parenthesis") }
            context.advance(by: bytes[index])
            index += 1
        } while context.depth > 0
    }

    /// A word of a name outside of quotes.
    ///
    /// Dots are allowed as in `J. Doe` (RFC 5322 section 4.1, `obs-phrase`), other characters with a meaning are not.
    private mutating func atom(upTo bracket: Int) throws(Malformed) -> String {
        let start = index
        while index < bracket, !Self.endsAtom(bytes[index]) {
            guard !")>[]:;@\\,".utf8.contains(bytes[index]) else {
                throw Malformed(
                    reason:
                        "expected a name with \"\(Character(UnicodeScalar(bytes[index])))\" in quotes, such as \"Acme, Inc.\" <news@acme.example>"
                )
            }
            index += 1
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func endsAtom(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "(")
    }
}

extension MailboxScanner {
    /// The words of a name, with a space between them.
    ///
    /// Between two encoded words there is none, and their bytes are decoded together (RFC 2047 section 6.2).
    private struct Phrase {
        private var words: [String] = []
        /// The bytes of encoded words that follow each other.
        private var encoded: [UInt8]?

        mutating func append(_ word: String) throws(Malformed) {
            try endEncoded()
            words.append(word)
        }

        mutating func append(atom: String) throws(Malformed) {
            guard let bytes = try EncodedWord.decode(atom) else { return try append(atom) }
            encoded = encoded ?? []
            encoded?.append(contentsOf: bytes)
        }

        private mutating func endEncoded() throws(Malformed) {
            guard let bytes = encoded else { return }
            encoded = nil
            guard let word = String(validating: bytes, as: UTF8.self) else { throw Malformed(reason: "expected encoded words in UTF-8") }
            words.append(word)
        }

        mutating func finished() throws(Malformed) -> String {
            try endEncoded()
            return words.joined(separator: " ")
        }
    }
}
