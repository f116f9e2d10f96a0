/// Hexadecimal digits, two for each byte (RFC 4648 section 8).
package enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Returns the digits of bytes, in lower case.
    @inlinable
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        encode(Array(bytes))
    }

    /// Returns the digits of bytes, in lower case.
    package static func encode(_ bytes: [UInt8]) -> String {
        let digits = digits
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns all 16 digits of a number, in lower case.
    package static func encode(_ number: UInt64) -> String {
        encode(stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) })
    }

    /// Returns the bytes of digits in either case; `nil` for an odd number of digits, and where one is none.
    package static func decode(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Returns the value of a digit in either case; `nil` for any other character.
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Returns whether a character is one of those that ``encode(_:)`` writes.
    package static func isLowercaseDigit(_ character: UInt8) -> Bool {
        digits.contains(character)
    }
}

extension [UInt8] {
    /// Appends a byte as a marker and two digits in upper case: `%C3` in URLs, `=C3` in quoted-printable.
    package mutating func append(hexadecimal byte: UInt8, after marker: Unicode.Scalar) {
        append(UInt8(ascii: marker))
        append(Self.upperCaseDigit(byte >> 4))
        append(Self.upperCaseDigit(byte & 15))
    }

    private static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
