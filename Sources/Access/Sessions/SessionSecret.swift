import Crypto

/// What the cookie of a session holds: 256 random bits in hexadecimal. Stored only as a hash.
struct SessionSecret {
    let text: String

    /// A new one.
    init() {
        text = Token.secret()
    }

    /// One that came back; `nil` for what was never given out.
    init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Token.digits.contains($0) }) else { return nil }
        self.text = text
    }

    var hash: [UInt8] { TokenHash(text).bytes }

    /// The token of the session's forms: a keyed hash, so that nobody who reads a page learns the secret.
    var formToken: String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("form".utf8), using: SymmetricKey(data: Array(text.utf8)))
        return Token.hexadecimal(Array(code))
    }
}
