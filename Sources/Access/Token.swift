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

/// The format of tokens.
enum Token {
    /// A new token: `mk_` and 256 random bits in hexadecimal.
    static func make() -> String {
        "mk_" + secret()
    }

    /// 256 random bits in hexadecimal.
    static func secret() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { Hexadecimal.encode($0) }
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
