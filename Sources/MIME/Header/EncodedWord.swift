import Encoding

/// Encodes text beyond ASCII in header fields (RFC 2047), always in UTF-8.
package enum EncodedWord {
    private static let maximumLength = 75
    private static let overhead = "=?utf-8?q??=".utf8.count
    /// The shortest word that can contain any single character in either encoding.
    static let shortest = overhead + 12

    /// Returns the encoded words of `text`, to be separated by white space.
    ///
    /// No character is split.
    ///
    /// - Parameter firstLength: the most characters of the first word, at least ``shortest``; the others have up to 75.
    static func words(for text: String, firstLength: Int) -> [[UInt8]] {
        let encoding = shorter(for: text)
        var words: [[UInt8]] = []
        var chunk: [UInt8] = []
        var length = 0
        var available = min(firstLength, maximumLength) - overhead
        for scalar in text.unicodeScalars {
            let character = Array(String(scalar).utf8)
            let longer = encoding.length(adding: character, to: chunk, of: length)
            if longer > available {
                words.append(encoding.word(chunk))
                chunk = []
                available = maximumLength - overhead
            }
            length = encoding.length(adding: character, to: chunk, of: chunk.isEmpty ? 0 : length)
            chunk += character
        }
        words.append(encoding.word(chunk))
        return words
    }

    private static func shorter(for text: String) -> Encoding {
        let quoted = text.utf8.reduce(0) { $0 + Encoding.width($1) }
        return quoted <= (text.utf8.count + 2) / 3 * 4 ? .q : .b
    }

    private enum Encoding {
        case q, b

        /// The encoded length of `chunk` with one more character; `length` is that of `chunk`.
        func length(adding character: [UInt8], to chunk: [UInt8], of length: Int) -> Int {
            switch self {
            case .q: length + character.reduce(0) { $0 + Self.width($1) }
            case .b: (chunk.count + character.count + 2) / 3 * 4
            }
        }

        func word(_ chunk: [UInt8]) -> [UInt8] {
            switch self {
            case .q: Array("=?utf-8?q?".utf8) + Self.quoted(chunk) + Array("?=".utf8)
            case .b: Array("=?utf-8?b?\(Base64.encode(chunk))?=".utf8)
            }
        }

        static func width(_ byte: UInt8) -> Int {
            byte == 0x20 || isLiteral(byte) ? 1 : 3
        }

        /// Only characters that are allowed in a display name too (RFC 2047 section 5, rule 3).
        private static func isLiteral(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
            default: false
            }
        }

        private static func quoted(_ chunk: [UInt8]) -> [UInt8] {
            var output: [UInt8] = []
            for byte in chunk {
                if byte == 0x20 {
                    output.append(UInt8(ascii: "_"))
                } else if isLiteral(byte) {
                    output.append(byte)
                } else {
                    output.append(hexadecimal: byte, after: "=")
                }
            }
            return output
        }
    }
}
