extension EncodedWord {
    /// Returns the text of an unstructured value, or of a phrase, with its encoded words decoded (RFC 2047).
    ///
    /// Blanks between two encoded words are dropped; a word that is none stays as it is. A character that is split between two words of an
    /// encoding is put together.
    package static func text(of value: String) -> String {
        guard value.utf8.contains(UInt8(ascii: "?")) else { return value }
        var decoded = ""
        var pending: (charset: String, bytes: [UInt8])?
        var blanks = ""
        for piece in value.split(omittingEmptySubsequences: false, whereSeparator: { $0 == " " || $0 == "\t" }) {
            if let word = Word(piece) {
                if pending?.charset != word.charset {
                    decoded += pending.map { Charset.decode($0.bytes, $0.charset) } ?? blanks
                    pending = (word.charset, [])
                }
                pending?.bytes += word.bytes
                blanks = " "
            } else {
                if let word = pending { decoded += Charset.decode(word.bytes, word.charset) }
                pending = nil
                decoded += blanks + piece
                blanks = " "
            }
        }
        return decoded + (pending.map { Charset.decode($0.bytes, $0.charset) } ?? "")
    }

    private struct Word {
        var charset: String
        var bytes: [UInt8]

        init?(_ text: Substring) {
            let parts = text.split(separator: "?", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[0] == "=", parts[4] == "=", !parts[1].isEmpty else { return nil }
            // RFC 2231 section 5 allows a language behind the charset.
            charset = parts[1].prefix { $0 != "*" }.lowercased()
            switch parts[2] {
            case "b", "B": bytes = TransferDecoding.base64(parts[3].utf8)
            case "q", "Q": bytes = TransferDecoding.quotedPrintable(parts[3].utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }[...])
            default: return nil
            }
        }
    }
}
