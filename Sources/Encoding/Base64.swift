/// Base64 (RFC 4648): the standard alphabet with padding (section 4), and the one that is safe in URLs, without padding (section 5).
///
/// Decoding is strict: it accepts exactly what encoding returns, so that no two texts decode to the same bytes (section 3.5).
package enum Base64 {
    /// Why a text is not valid.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// Returns the encoding without line breaks.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(encodedLength(of: bytes.count))
        append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the encoding in lines of 76 characters (RFC 2045 section 6.8), with CR LF after each but the last.
    package static func encodeLines(_ bytes: [UInt8]) -> [UInt8] {
        let characters = Alphabet.standard.characters
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 7 / 5 + 80)
        var column = 0
        forEachSextet(of: bytes) { sextet in
            if column == 76 {
                text.append(0x0D)
                text.append(0x0A)
                column = 0
            }
            text.append(characters[sextet])
            column += 1
        }
        // On the last line: 76 is a multiple of 4.
        text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: padding(bytes)))
        return text
    }

    /// Appends the encoding without line breaks, in one pass over the bytes and without a string in between.
    package static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        let characters = Alphabet.standard.characters
        forEachSextet(of: bytes) { text.append(characters[$0]) }
        text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: padding(bytes)))
    }

    /// The length of the encoding of so many bytes, without line breaks.
    package static func encodedLength(of count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// Returns the bytes of a text with the standard alphabet and padding, without line breaks.
    package static func decode(_ text: String) throws(Fault) -> [UInt8] {
        try decode(text, .standard, isPadded: true).get()
    }

    /// Returns the encoding in the alphabet for URLs, without padding.
    package static func encodeURL(_ bytes: [UInt8]) -> String {
        let characters = Alphabet.url.characters
        var text: [UInt8] = []
        text.reserveCapacity(encodedLength(of: bytes.count))
        forEachSextet(of: bytes) { text.append(characters[$0]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the bytes of a text in the alphabet for URLs, without padding; `nil` where it is not valid.
    package static func decodeURL(_ text: String) -> [UInt8]? {
        try? decode(text, .url, isPadded: false).get()
    }
}

extension Base64 {
    private struct Alphabet: Sendable {
        static let standard = Alphabet(last: "+/")
        static let url = Alphabet(last: "-_")
        static let none: UInt8 = 0xFF

        /// The characters by their values.
        let characters: [UInt8]
        /// The values by their characters; ``none`` for other characters.
        let values: [UInt8]

        private init(last: String) {
            characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(last)".utf8)
            var values = Array(repeating: Self.none, count: 256)
            for (value, character) in characters.enumerated() { values[Int(character)] = UInt8(value) }
            self.values = values
        }
    }

    private static func padding(_ bytes: [UInt8]) -> Int {
        (3 - bytes.count % 3) % 3
    }

    @inline(__always)
    private static func forEachSextet(of bytes: [UInt8], _ body: (Int) -> Void) {
        var index = 0
        while index + 2 < bytes.count {
            let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
            body(group >> 18)
            body(group >> 12 & 63)
            body(group >> 6 & 63)
            body(group & 63)
            index += 3
        }
        if index + 1 == bytes.count {
            body(Int(bytes[index]) >> 2)
            body(Int(bytes[index]) << 4 & 63)
        } else if index + 2 == bytes.count {
            body(Int(bytes[index]) >> 2)
            body(Int(bytes[index]) << 4 & 63 | Int(bytes[index + 1]) >> 4)
            body(Int(bytes[index + 1]) << 2 & 63)
        }
    }

    private static func decode(_ text: String, _ alphabet: Alphabet, isPadded: Bool) -> Result<[UInt8], Fault> {
        var text = text
        return text.withUTF8 { characters in
            alphabet.values.withUnsafeBufferPointer { decode(characters, $0, isPadded: isPadded) }
        }
    }

    private static func decode(
        _ characters: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<UInt8>, isPadded: Bool
    ) -> Result<[UInt8], Fault> {
        let padding = isPadded ? min(2, characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count) : 0
        let digits = characters.count - padding
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits / 4 * 3 + 2)
        var held: UInt32 = 0
        for index in 0..<digits {
            let value = values[Int(characters[index])]
            guard value != Alphabet.none else { return .failure(.character(index)) }
            held = held << 6 | UInt32(value)
            guard index & 3 == 3 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: held >> 16))
            bytes.append(UInt8(truncatingIfNeeded: held >> 8))
            bytes.append(UInt8(truncatingIfNeeded: held))
            held = 0
        }
        if isPadded, characters.count % 4 != 0 { return .failure(.length(characters.count)) }
        switch digits % 4 {
        case 1: return .failure(.length(characters.count))
        case 2:
            guard held & 15 == 0 else { return .failure(.bits) }
            bytes.append(UInt8(truncatingIfNeeded: held >> 4))
        case 3:
            guard held & 3 == 0 else { return .failure(.bits) }
            bytes.append(UInt8(truncatingIfNeeded: held >> 10))
            bytes.append(UInt8(truncatingIfNeeded: held >> 2))
        default: break
        }
        return .success(bytes)
    }
}

extension Base64.Fault {
    fileprivate static func character(_ position: Int) -> Base64.Fault {
        .init(description: "character \(position + 1) is none of base64 (RFC 4648 section 4: A–Z, a–z, 0–9, + and /, no line breaks)")
    }

    fileprivate static func length(_ count: Int) -> Base64.Fault {
        .init(description: "expected base64 padded to a multiple of 4 characters, found \(count)")
    }

    fileprivate static let bits = Base64.Fault(description: "the last character before the padding has bits that no encoder sets")
}
