import Crypto

/// Seals the secrets that have to be known in full, with the operator's key, `secrets.key`: AES-GCM with 256 bits (specification 2.11).
///
/// What is sealed for one name cannot be opened for another one.
package struct SecretBox: Sendable {
    /// The length of a key, in bytes.
    package static let keyLength = 32

    private let key: SymmetricKey

    /// - Parameter key: ``keyLength`` random bytes; `nil` is returned for another number.
    package init?(key: [UInt8]) {
        guard key.count == Self.keyLength else { return nil }
        self.key = SymmetricKey(data: key)
    }

    /// Returns a secret as it is stored: nonce, ciphertext and tag.
    ///
    /// - Parameter name: whose secret it is.
    func seal(_ secret: String, for name: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(secret.utf8), using: key, authenticating: Array(name.utf8))
        // Absent only for nonces of another length than the default one.
        return box.combined.map { Array($0) } ?? []
    }

    /// Returns a secret; `nil` where it was sealed with another key, or for another name.
    func open(_ sealed: [UInt8], for name: String) -> String? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed),
            let secret = try? AES.GCM.open(box, using: key, authenticating: Array(name.utf8))
        else { return nil }
        return String(decoding: secret, as: UTF8.self)
    }
}
