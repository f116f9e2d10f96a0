/// The text of a part with CRLF line ends, and the properties that its transfer encoding depends on.
struct TextBody {
    private(set) var bytes: [UInt8] = []
    /// Whether a byte is not ASCII, or a control character other than a tab.
    private var hasUnprintable = false
    private var longestLine = 0
    /// The number of bytes that quoted-printable writes as three characters.
    private var escapes = 0

    /// A lone CR or LF counts as a line end, like CR LF.
    init(_ text: String) {
        var text = text
        bytes.reserveCapacity(text.utf8.count + text.utf8.count / 16 + 2)
        text.withUTF8 { read($0) }
    }

    private mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
        var lineStart = 0
        var previous: UInt8 = 0
        for byte in text {
            switch byte {
            case 0x0A where previous == 0x0D:
                break
            case 0x0A, 0x0D:
                longestLine = max(longestLine, bytes.count - lineStart)
                bytes.append(0x0D)
                bytes.append(0x0A)
                lineStart = bytes.count
            default:
                if byte >= 0x7F || byte < 0x20 && byte != 0x09 {
                    hasUnprintable = true
                    escapes += 1
                } else if byte == UInt8(ascii: "=") {
                    escapes += 1
                }
                bytes.append(byte)
            }
            previous = byte
        }
        longestLine = max(longestLine, bytes.count - lineStart)
    }

    /// `7bit` where that is possible (RFC 2045 section 2.7), otherwise the shorter of the two others.
    var encoding: TransferEncoding {
        if !hasUnprintable, longestLine <= 998 { return .sevenBit }
        let quotedPrintable = (bytes.count + 2 * escapes) * 78 / 75
        let base64 = bytes.count * 4 / 3 * 78 / 76
        return quotedPrintable <= base64 ? .quotedPrintable : .base64
    }
}
