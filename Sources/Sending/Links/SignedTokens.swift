import Crypto
import Encoding
import MailModel
import Storage

/// The tokens of links: an id with a MAC in base64url.
///
/// They need no row, cannot be guessed, and fit a header line.
struct SignedTokens: Sendable {
    private static let idLength = 16
    private static let macLength = 16
    /// The length of a token in characters of base64url.
    static let length = 43
    /// Longer texts are not decoded.
    private static let longest = 128

    private let key: SymmetricKey

    init(secret: [UInt8]) {
        key = SymmetricKey(data: secret)
    }

    /// Returns a secret that all nodes share; creates it the first time.
    ///
    /// Each kind of link has a secret of its own.
    static func secret(named name: String, in store: Store) async throws -> [UInt8] {
        let candidate = [UInt8].random(count: 32)
        return try await store.write { try $0.secrets.findOrInsert(named: name, candidate: candidate) }
    }

    /// - Parameter id: 16 bytes.
    func token(for id: [UInt8]) -> String {
        Base64.encodeURL(id + mac(of: id))
    }

    /// Returns the id of a token; `nil` for a token that was not made with this secret.
    func id(of token: String) -> [UInt8]? {
        guard token.utf8.count <= Self.longest, let bytes = Base64.decodeURL(token), bytes.count == Self.idLength + Self.macLength
        else { return nil }
        let id = Array(bytes.prefix(Self.idLength))
        // Compared in constant time.
        let difference = zip(mac(of: id), bytes.dropFirst(Self.idLength)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
        return difference == 0 ? id : nil
    }

    private func mac(of bytes: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key).prefix(Self.macLength))
    }
}
