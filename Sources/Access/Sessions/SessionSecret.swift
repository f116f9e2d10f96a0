import Crypto

/// What the cookie of a session holds: 256 random bits in hexadecimal. Stored only as a hash.
struct SessionSecret {
    let text: String

    /// A new one.
    init() {
        text = SymmetricKey(size: .bits256).withUnsafeBytes { Self.hexadecimal($0) }
    }

    /// One that came back; `nil` for what was never given out.
    init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Self.digits.contains($0) }) else { return nil }
        self.text = text
    }

    var hash: [UInt8] { TokenHash(text).bytes }

    /// The token of the session's forms: a keyed hash, so that nobody who reads a page learns the secret.
    var formToken: String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("form".utf8), using: SymmetricKey(data: Array(text.utf8)))
        return Self.hexadecimal(Array(code))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
