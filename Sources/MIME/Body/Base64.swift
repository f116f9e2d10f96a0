/// Encodes base64 (RFC 4648 section 4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Returns base64 without line breaks.
    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        append(bytes[...], to: &output)
        return output
    }

    /// Returns base64 in lines of 76 characters (RFC 2045 section 6.8), with a line end after each but the last.
    static func lines(_ bytes: [UInt8]) -> [UInt8] {
        let lineLength = 57
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 7 / 5 + 80)
        for start in stride(from: 0, to: bytes.count, by: lineLength) {
            if start > 0 { output.append(contentsOf: [0x0D, 0x0A]) }
            append(bytes[start..<min(start + lineLength, bytes.count)], to: &output)
        }
        return output
    }

    private static func append(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8]) {
        var index = bytes.startIndex
        while index + 3 <= bytes.endIndex {
            let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
            for shift: UInt32 in [18, 12, 6, 0] { output.append(alphabet[Int(group >> shift & 63)]) }
            index += 3
        }
        let rest = bytes[index...]
        guard let first = rest.first else { return }
        let second = rest.dropFirst().first
        let group = UInt32(first) << 16 | UInt32(second ?? 0) << 8
        output.append(alphabet[Int(group >> 18 & 63)])
        output.append(alphabet[Int(group >> 12 & 63)])
        output.append(second == nil ? UInt8(ascii: "=") : alphabet[Int(group >> 6 & 63)])
        output.append(UInt8(ascii: "="))
    }
}
