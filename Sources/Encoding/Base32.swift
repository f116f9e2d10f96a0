/// Base32 without padding (RFC 4648 section 6), as authenticator apps take secrets.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Returns the digits of bytes: eight for five bytes.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var (digits, buffer, bits): ([UInt8], UInt16, UInt16) = ([], 0, 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt16(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                digits.append(alphabet[Int(buffer >> bits & 31)])
                buffer &= (1 << bits) - 1
            }
        }
        if bits > 0 { digits.append(alphabet[Int(buffer << (5 - bits) & 31)]) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Returns the bytes of digits in either case; `nil` where one is none.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var (bytes, buffer, bits): ([UInt8], UInt16, UInt16) = ([], 0, 0)
        for digit in text.uppercased().utf8 {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            buffer = buffer << 5 | UInt16(value)
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            buffer &= (1 << bits) - 1
        }
        return bytes
    }
}
