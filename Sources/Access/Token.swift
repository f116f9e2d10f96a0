import Crypto
import Encoding

/// The SHA-256 hash of a token, which is stored in place of it.
///
/// Hashes are compared by `==` of the digest, which takes constant time.
struct TokenHash: Hashable {
    let digest: SHA256Digest

    init(_ token: some StringProtocol) {
        var token = String(token)
        digest = token.withUTF8 { SHA256.hash(data: $0) }
    }

    var bytes: [UInt8] { Array(digest) }
}

/// The format of tokens (specification 2.10): `mk_`, 43 random digits of base 62 and a checksum of 6, which is `mk_[0-9A-Za-z]{49}`.
///
/// Tokens of earlier versions are `mk_` and 64 hexadecimal digits, without a checksum; they stay valid.
enum Token {
    private static let prefix = "mk_"
    /// 43 digits of base 62 are 256 bits.
    private static let randomDigits = 43
    private static let checksumDigits = 6
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// A new token.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = (0..<randomDigits).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        let body = Array(prefix.utf8) + digits
        return String(decoding: body + checksum(of: body), as: UTF8.self)
    }

    /// 256 random bits in hexadecimal.
    static func secret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Hexadecimal.encode($0) }
    }

    /// Whether a text has the form of a token, but not its checksum: it was mistyped, or guessed, and is no key's.
    static func hasWrongChecksum(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == prefix.utf8.count + randomDigits + checksumDigits, bytes.starts(with: prefix.utf8),
            bytes.dropFirst(prefix.utf8.count).allSatisfy(isDigit)
        else { return false }
        return !checksum(of: bytes.dropLast(checksumDigits)).elementsEqual(bytes.suffix(checksumDigits))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// The CRC-32 of bytes (ISO/IEC 8802-3, as in zlib), in base 62 with leading zeros.
    private static func checksum(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var rest = ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        var digits: [UInt8] = []
        for _ in 0..<checksumDigits {
            digits.append(alphabet[Int(rest % 62)])
            rest /= 62
        }
        return digits.reversed()
    }

    /// The token of an `Authorization: Bearer <token>` header (RFC 6750 section 2.1); `nil` when it is not of that form.
    ///
    /// The scheme's case does not matter (RFC 9110 section 11.1).
    static func bearer(_ header: String?) -> Substring? {
        guard let header, header.utf8.count <= 4096 else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        let isToken = !token.isEmpty && token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isToken ? token : nil
    }
}
