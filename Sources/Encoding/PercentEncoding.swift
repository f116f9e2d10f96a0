/// Percent-encoding (RFC 3986 section 2.1), with digits in upper case.
package enum PercentEncoding {
    /// Returns a text in the form that is valid in a path, a query or a cookie.
    ///
    /// - Parameter isKept: the bytes that are not encoded: by default the unreserved characters. Never `%`.
    package static func encode(_ text: String, keeping isKept: (UInt8) -> Bool = PercentEncoding.isUnreserved) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        append(text, to: &bytes, keeping: isKept)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the encoded form of a text.
    ///
    /// - Parameter isKept: the bytes that are not encoded, as for ``encode(_:keeping:)``.
    package static func append(_ text: String, to bytes: inout [UInt8], keeping isKept: (UInt8) -> Bool = PercentEncoding.isUnreserved) {
        for byte in text.utf8 {
            if isKept(byte) { bytes.append(byte) } else { bytes.append(hexadecimal: byte, after: "%") }
        }
    }

    /// Returns the decoded text; `nil` for a `%` without two digits, and where the bytes are not UTF-8.
    ///
    /// - Parameter plusIsSpace: whether `+` is a space, as in the queries of forms.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        // Copied at once: other modules call this function without its specialisation.
        let encoded = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var rest = encoded.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(Hexadecimal.value), let low = rest.next().flatMap(Hexadecimal.value) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Returns whether a character needs no encoding anywhere: letters, digits and `-._~` (RFC 3986 section 2.3).
    package static func isUnreserved(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
