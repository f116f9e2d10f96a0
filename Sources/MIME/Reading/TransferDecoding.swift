import Encoding

/// Decodes `Content-Transfer-Encoding` (RFC 2045 section 6) as far as it can be read: what is wrong is left out.
enum TransferDecoding {
    /// Returns decoded bytes.
    ///
    /// - Parameter encoding: in any case; one that is not known is none.
    static func decode(_ bytes: ArraySlice<UInt8>, _ encoding: String) -> [UInt8] {
        switch encoding.lowercased() {
        case "base64": base64(bytes)
        case "quoted-printable": quotedPrintable(bytes)
        default: Array(bytes)
        }
    }

    /// The size that bytes have when they are decoded, without decoding them.
    static func decodedSize(_ bytes: ArraySlice<UInt8>, _ encoding: String) -> Int {
        switch encoding.lowercased() {
        case "base64": bytes.reduce(0) { $0 + (sextet($1) == nil ? 0 : 1) } * 3 / 4
        case "quoted-printable": quotedPrintable(bytes).count
        default: bytes.count
        }
    }

    static func base64(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var (value, bits): (UInt32, Int) = (0, 0)
        for byte in bytes {
            guard let sextet = sextet(byte) else {
                if byte == UInt8(ascii: "=") { break }
                continue
            }
            value = (value << 6 | sextet) & 0xFFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            decoded.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
        }
        return decoded
    }

    private static func sextet(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    static func quotedPrintable(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                decoded.append(byte)
                continue
            }
            let next = rest.prefix(2)
            if next.count == 2, let high = Hexadecimal.value(next[next.startIndex]), let low = Hexadecimal.value(next[next.startIndex + 1])
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else if let end = softBreak(rest) {
                rest = rest[end...]
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// Behind a line end, with blanks before it; `nil` where there is none.
    private static func softBreak(_ rest: ArraySlice<UInt8>) -> Int? {
        let line = rest.drop { $0 == 0x20 || $0 == 0x09 }
        if line.starts(with: [0x0D, 0x0A]) { return line.startIndex + 2 }
        return line.first == 0x0A ? line.startIndex + 1 : nil
    }
}
