import Encoding

/// `Content-Transfer-Encoding` (RFC 2045 section 6).
enum TransferEncoding: String {
    case sevenBit = "7bit"
    case quotedPrintable = "quoted-printable"
    case base64

    /// Returns the encoded bytes.
    ///
    /// Text must have CRLF line ends.
    func encode(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sevenBit: bytes
        case .quotedPrintable: Self.quotedPrintable(bytes)
        case .base64: Base64.encodeLines(bytes)
        }
    }

    /// RFC 2045 section 6.7: lines of at most 76 characters, including the `=` of a soft line break.
    private static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 3 / 2)
        var column = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == 0x0D {
                output.append(contentsOf: [0x0D, 0x0A])
                column = 0
                index += 1
                continue
            }
            let endsLine = index == bytes.count || bytes[index] == 0x0D
            let isBlank = byte == 0x20 || byte == 0x09
            let isLiteral = isBlank ? !endsLine : byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")
            let width = isLiteral ? 1 : 3
            if column + width > (endsLine ? 76 : 75) {
                output.append(contentsOf: [UInt8(ascii: "="), 0x0D, 0x0A])
                column = 0
            }
            if isLiteral { output.append(byte) } else { output.append(hexadecimal: byte, after: "=") }
            column += width
        }
        return output
    }
}
