import Encoding

/// The syntax of header fields (RFC 5322 section 3).
enum HeaderSyntax {
    /// Returns the text with control characters replaced by spaces, so that it can neither add a field nor end the header.
    static func withoutControls(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return text }
        let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Whether text is unchanged by folding at its spaces: printable ASCII, single spaces inside only, nothing like an encoded word.
    static func isPlain(_ text: String) -> Bool {
        isFoldable(text, hasSingleSpaces: true)
    }

    /// Whether text needs no encoding: printable ASCII, no word too long for a line, nothing like an encoded word.
    ///
    /// - Parameter hasSingleSpaces: whether only single spaces are allowed, and none at the ends.
    static func isFoldable(_ text: String, hasSingleSpaces: Bool = false) -> Bool {
        var previous = UInt8(ascii: " ")
        // The length of a word with the blanks before it.
        var length = 0
        for byte in text.utf8 {
            guard (0x20...0x7E).contains(byte), !(hasSingleSpaces && byte == 0x20 && previous == 0x20),
                !(byte == UInt8(ascii: "?") && previous == UInt8(ascii: "="))
            else { return false }
            length = byte == 0x20 && previous != 0x20 ? 1 : length + 1
            guard length <= HeaderBlock.maximumWordLength + 1 else { return false }
            previous = byte
        }
        return !hasSingleSpaces || previous != 0x20 || text.isEmpty
    }

    enum Phrase {
        case atoms(String)
        case quoted(String)
        case encoded
    }

    /// A quoted string is not folded, so it must be short.
    private static let longestQuoted = 60

    /// Returns how a display name is written (RFC 5322 section 3.2.5).
    static func phrase(_ name: String) -> Phrase {
        if isPlain(name), name.utf8.allSatisfy({ isAtomText($0) || $0 == 0x20 }) { return .atoms(name) }
        guard name.utf8.count <= longestQuoted, name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !name.contains("=?") else {
            return .encoded
        }
        return .quoted(quotedString(name))
    }

    /// Returns text of printable ASCII as a quoted string (RFC 5322 section 3.2.4).
    static func quotedString(_ text: String) -> String {
        "\"" + String(text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }) + "\""
    }

    /// Whether a text is a field name: at most 76 characters of printable ASCII without colon and space (RFC 5322 section 3.6.8).
    static func isFieldName(_ name: String) -> Bool {
        (1...76).contains(name.utf8.count) && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
    }

    /// Returns the content of the angle brackets of `Message-ID` or `Content-ID`, without invalid characters.
    static func identifier(_ text: String) -> String {
        let allowed = text.utf8.lazy.filter { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        return String(decoding: Array(allowed.prefix(HeaderBlock.maximumWordLength)), as: UTF8.self)
    }

    /// Returns a URL with those characters percent-encoded that would end it or its line.
    static func url(_ text: String) -> String {
        PercentEncoding.encode(text) { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }

    /// `atext` of RFC 5322 section 3.2.3.
    static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }
}
