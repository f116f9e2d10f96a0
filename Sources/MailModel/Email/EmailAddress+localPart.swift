extension EmailAddress {
    /// True for `Dot-string` of RFC 5321 section 4.1.2: atoms with single dots between them.
    static func isDotAtom(_ bytes: some Sequence<UInt8>) -> Bool {
        var previous = UInt8(ascii: ".")
        for byte in bytes {
            guard isAtomText(byte) || byte == UInt8(ascii: ".") && previous != UInt8(ascii: ".") else { return false }
            previous = byte
        }
        return previous != UInt8(ascii: ".")
    }

    /// `atext` of RFC 5322 section 3.2.3.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"): true
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"): true
        case UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The one way to write a local part that is no dot-atom as given.
    ///
    /// `"john"@example.com` and `john@example.com` are the same mailbox, and have to be for a suppression:
    /// quotes and backslashes that are not needed are taken off.
    static func unquoted(_ local: Substring.UTF8View, of text: String) throws(Invalid) -> String {
        let quote = UInt8(ascii: "\"")
        guard local.first == quote else { throw fault(in: local, of: text) }
        let content = try content(of: local.dropFirst())
        let plain = String(decoding: content, as: UTF8.self)
        guard !isDotAtom(content) else { return plain }
        let escaped = content.flatMap { $0 == quote || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] }
        return "\"" + String(decoding: escaped, as: UTF8.self) + "\""
    }

    /// The characters of a quoted string without the backslashes, from behind its opening quote to its closing one, which has to be the last byte.
    private static func content(of bytes: Substring.UTF8View) throws(Invalid) -> [UInt8] {
        var content: [UInt8] = []
        var isEscaped = false
        for (index, byte) in zip(bytes.indices, bytes) {
            if !isEscaped, byte == UInt8(ascii: "\"") {
                guard bytes.index(after: index) == bytes.endIndex, !content.isEmpty else { break }
                return content
            }
            guard (0x20...0x7E).contains(byte) else { throw fault(at: index, in: bytes) }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { content.append(byte) }
        }
        throw Invalid(
            description: "The quoted part before the @ must hold something, end in a quote and have a backslash before quotes inside.")
    }

    /// What is wrong with an unquoted local part.
    private static func fault(in local: Substring.UTF8View, of text: String) -> Invalid {
        if local.contains(UInt8(ascii: "<")) || text.utf8.last == UInt8(ascii: ">") {
            return Invalid(description: "Expected a bare address like user@example.com, without a name or angle brackets.")
        }
        guard !local.isEmpty else { return Invalid(description: "The part before the @ of an email address must not be empty.") }
        if let index = local.indices.first(where: { !isAtomText(local[$0]) && local[$0] != UInt8(ascii: ".") }) {
            return fault(at: index, in: local)
        }
        return Invalid(description: "The part before the @ must not begin or end with a dot, or have two dots in a row.")
    }

    private static func fault(at index: Substring.Index, in local: Substring.UTF8View) -> Invalid {
        let scalar = Substring(local)[index...].unicodeScalars.first ?? "?"
        let character = (0x20...0x7E).contains(scalar.value) ? "\"\(scalar)\"" : "the character \(scalar.codePoint)"
        let reason = scalar.isASCII ? "" : ": letters beyond ASCII before the @ (SMTPUTF8) are not supported by Amazon SES"
        return Invalid(description: "The part before the @ contains \(character), which is not allowed there\(reason).")
    }
}
