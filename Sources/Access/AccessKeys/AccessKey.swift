import Storage

/// An access key for the API of SES: what an AWS SDK signs its requests with.
package struct AccessKey: Sendable, Equatable {
    /// The id, which requests name: `MKIA` and 16 capitals and digits.
    package let id: String
    /// The secret, of 40 letters and digits; it is returned once and stored sealed.
    package let secret: String

    /// Other than Amazon's `AKIA`, so that it is not mistaken for one of their keys.
    private static let prefix = "MKIA"
    private static let capitals = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Makes an access key: 80 random bits, and a secret of 238.
    static func make() -> AccessKey {
        AccessKey(id: prefix + random(16, of: capitals), secret: random(40, of: digits))
    }

    /// Whether a text has the form of an id.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == prefix.utf8.count + 16 && text.hasPrefix(prefix)
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy(capitals.contains)
    }

    private static func random(_ count: Int, of alphabet: [UInt8]) -> String {
        var generator = SystemRandomNumberGenerator()
        let characters = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return String(decoding: characters, as: UTF8.self)
    }

    func sealed(in box: SecretBox) throws -> SealedAccessKey {
        SealedAccessKey(id: id, sealedSecret: try box.seal(secret, for: id))
    }
}
