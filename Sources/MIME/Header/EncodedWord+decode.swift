import Encoding

extension EncodedWord {
    /// Returns the bytes of UTF-8 that an encoded word stands for (RFC 2047 section 2); `nil` for a text that is none.
    ///
    /// - Throws: where the word cannot be decoded, or is in another character set than UTF-8, US-ASCII and ISO-8859-1.
    static func decode(_ word: String) throws(MailboxSyntax.Malformed) -> [UInt8]? {
        guard word.utf8.count > 6, word.hasPrefix("=?"), word.hasSuffix("?=") else { return nil }
        let parts = word.dropFirst(2).dropLast(2).split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        let content: [UInt8]? =
            switch parts[1].lowercased() {
            case "b": try? Base64.decode(String(parts[2]))
            case "q": quotedPrintable(Array(parts[2].utf8))
            default: nil
            }
        // RFC 2231 section 5: a language may follow the character set.
        let set = parts[0].prefix { $0 != "*" }.lowercased()
        guard let content, let decoded = utf8(content, from: set) else {
            throw MailboxSyntax.Malformed(
                reason: "an encoded word could not be decoded: write the name itself, in quotes where it has commas")
        }
        return decoded
    }

    private static func quotedPrintable(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "_"): bytes.append(0x20)
            case UInt8(ascii: "="):
                guard index + 2 < text.count, let high = Hexadecimal.value(text[index + 1]), let low = Hexadecimal.value(text[index + 2])
                else { return nil }
                bytes.append(high << 4 | low)
                index += 2
            default: bytes.append(text[index])
            }
            index += 1
        }
        return bytes
    }

    private static func utf8(_ bytes: [UInt8], from set: String) -> [UInt8]? {
        switch set {
        case "utf-8", "utf8": bytes
        case "us-ascii": bytes.allSatisfy { $0 < 0x80 } ? bytes : nil
        case "iso-8859-1": bytes.flatMap { Array(String(UnicodeScalar($0)).utf8) }
        default: nil
        }
    }
}
