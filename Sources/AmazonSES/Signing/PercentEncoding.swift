extension [UInt8] {
    /// Appends text in percent-encoding (RFC 3986 section 2.1) with upper-case digits, as AWS's `UriEncode` asks.
    ///
    /// - Parameter alsoKept: a byte that stands for itself besides the unreserved ones: the slash in a path.
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
        append(upperHexadecimalDigit(byte >> 4))
        append(upperHexadecimalDigit(byte & 15))
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

private func upperHexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}

/// Undoes percent-encoding; `nil` for a `%` without two digits and for what is no UTF-8.
func percentDecoded(_ text: some StringProtocol) -> String? {
    var decoded: [UInt8] = []
    var rest = text.utf8.makeIterator()
    while let byte = rest.next() {
        guard byte == UInt8(ascii: "%") else {
            decoded.append(byte)
            continue
        }
        guard let high = rest.next().flatMap(hexadecimalValue), let low = rest.next().flatMap(hexadecimalValue) else { return nil }
        decoded.append(high << 4 | low)
    }
    return String(validating: decoded, as: UTF8.self)
}
