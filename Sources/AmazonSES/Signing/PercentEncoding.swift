extension [UInt8] {
    /// Appends text in percent-encoding (RFC 3986 section 2.1) with upper-case digits, as AWS's `UriEncode` requires.
    ///
    /// - Parameter alsoKept: a byte that is not encoded besides the unreserved ones: the slash in a path.
    mutating func append(percentEncoding bytes: some Sequence<UInt8>, alsoKept: UInt8? = nil) {
        for byte in bytes {
            if byte.isUnreserved || byte == alsoKept {
                append(byte)
            } else {
                append(percentEncoded: byte)
            }
        }
    }

    mutating func append(percentEncoded byte: UInt8) {
        append(UInt8(ascii: "%"))
        append(Hexadecimal.upperDigit(byte >> 4))
        append(Hexadecimal.upperDigit(byte & 15))
    }
}

extension UInt8 {
    /// Letters, digits, `-._~` (RFC 3986 section 2.3).
    var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}

/// Percent-encoding (RFC 3986 section 2.1).
enum PercentEncoding {
    /// Returns the decoded text; `nil` for a `%` without two digits and for bytes that are not UTF-8.
    static func decoded(_ text: some StringProtocol) -> String? {
        var decoded: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(Hexadecimal.value), let low = rest.next().flatMap(Hexadecimal.value) else { return nil }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }
}

/// Hexadecimal digits.
enum Hexadecimal {
    private static let lowerDigits = Array("0123456789abcdef".utf8)

    /// Returns bytes in lower-case hexadecimal, as AWS Signature Version 4 writes hashes and signatures.
    static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(lowerDigits[Int(byte >> 4)])
            text.append(lowerDigits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the upper-case digit of a value below 16.
    static func upperDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    /// Returns the value of a digit; `nil` for any other byte.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
