import Crypto
import CryptoExtras
import Encoding
import MailModel

/// What it costs to hash a password by scrypt (RFC 7914).
package struct PasswordCost: Sendable, Equatable {
    /// The binary logarithm of the cost parameter N.
    package var logN: Int
    /// The block size r: the memory is 128 · r · N bytes.
    package var blockSize: Int
    /// The parallelisation parameter p, which multiplies the time and not the memory.
    package var parallelism: Int

    /// These parameters.
    package init(logN: Int, blockSize: Int = 8, parallelism: Int) {
        self.logN = logN
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// 32 MiB, filled three times one after the other.
    package static let standard = PasswordCost(logN: 15, parallelism: 3)
}

/// The hash of a password as it is stored, with the parameters and the salt that it was made with: `scrypt$15$8$3$<salt>$<hash>`.
struct PasswordHash: Sendable {
    let cost: PasswordCost
    let salt: [UInt8]
    let hash: [UInt8]

    private static let length = 32

    /// The hash of a password with a new salt.
    init(of password: String, cost: PasswordCost) throws {
        self.cost = cost
        salt = .random(count: 16)
        hash = try Self.derive(password, salt: salt, cost: cost)
    }

    /// A hash of no password.
    init(decoy cost: PasswordCost) {
        self.cost = cost
        (salt, hash) = (.random(count: 16), .random(count: Self.length))
    }

    /// Reads a stored hash; `nil` for a text of another form.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let logN = Int(parts[1]), let blockSize = Int(parts[2]),
            let parallelism = Int(parts[3]),
            (1...20).contains(logN), (1...32).contains(blockSize), (1...16).contains(parallelism),
            let salt = Hexadecimal.bytes(of: parts[4]), let hash = Hexadecimal.bytes(of: parts[5])
        else { return nil }
        cost = PasswordCost(logN: logN, blockSize: blockSize, parallelism: parallelism)
        (self.salt, self.hash) = (salt, hash)
    }

    /// The text that is stored.
    var text: String {
        "scrypt$\(cost.logN)$\(cost.blockSize)$\(cost.parallelism)$\(Hexadecimal.encode(salt))$\(Hexadecimal.encode(hash))"
    }

    /// Whether it is the hash of a password, compared in constant time.
    func matches(_ password: String) throws -> Bool {
        let other = try Self.derive(password, salt: salt, cost: cost)
        return zip(hash, other).reduce(UInt8(hash.count == other.count ? 0 : 1)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func derive(_ password: String, salt: [UInt8], cost: PasswordCost) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: length, rounds: 1 << cost.logN, blockSize: cost.blockSize,
            parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }
}

extension Hexadecimal {
    fileprivate static func bytes(of text: Substring) -> [UInt8]? {
        var text = String(text)
        return text.withUTF8 { decode($0) }
    }
}
