/// Base64 with the standard alphabet and padding (RFC 4648 section 4), read strictly: no line breaks, nothing left out.
package enum Base64Text {
    /// Where a text is no base64.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String

        static func character(_ position: Int) -> Fault {
            Fault(description: "character \(position + 1) is none of base64 (RFC 4648 section 4: A–Z, a–z, 0–9, + and /, no line breaks)")
        }

        static func length(_ count: Int) -> Fault {
            Fault(description: "expected base64 padded to a multiple of 4 characters, found \(count)")
        }

        static let bits = Fault(description: "the last character before the padding has bits that no encoder sets")
    }

    /// Returns the bytes that a text encodes.
    package static func decoded(_ text: String) throws(Fault) -> [UInt8] {
        var text = text
        let result = text.withUTF8 { characters in values.withUnsafeBufferPointer { read(characters, $0) } }
        return try result.get()
    }

    private static let none: UInt8 = 0xFF

    /// What each character stands for.
    private static let values: [UInt8] = {
        var values = Array(repeating: none, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    private static func read(
        _ characters: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<UInt8>
    ) -> Result<[UInt8], Fault> {
        let padding = min(2, characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count)
        let digits = characters.count - padding
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits / 4 * 3 + 2)
        var held: UInt32 = 0
        for index in 0..<digits {
            let value = values[Int(characters[index])]
            guard value != none else { return .failure(.character(index)) }
            held = held << 6 | UInt32(value)
            guard index & 3 == 3 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: held >> 16))
            bytes.append(UInt8(truncatingIfNeeded: held >> 8))
            bytes.append(UInt8(truncatingIfNeeded: held))
            held = 0
        }
        guard characters.count % 4 == 0 else { return .failure(.length(characters.count)) }
        if padding == 1 {
            guard held & 3 == 0 else { return .failure(.bits) }
            bytes.append(UInt8(truncatingIfNeeded: held >> 10))
            bytes.append(UInt8(truncatingIfNeeded: held >> 2))
        } else if padding == 2 {
            guard held & 15 == 0 else { return .failure(.bits) }
            bytes.append(UInt8(truncatingIfNeeded: held >> 4))
        }
        return .success(bytes)
    }
}
