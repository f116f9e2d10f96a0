import Encoding
import MailModel

/// The key that seals the secrets of access keys (specification 2.11), and where it comes from.
package enum SecretsKey {
    /// Returns the configured key, or else the one in `secrets-key` beside a SQLite database, which is generated on first use: 32 random bytes in
    /// base64, mode 0600; `nil` with PostgreSQL, where all nodes have to be given the same one.
    ///
    /// - Throws: ``FileError`` when the file cannot be read or created, other users can read it, or it holds no key.
    package static func find(_ settings: Settings) throws(FileError) -> [UInt8]? {
        if let key = settings.secretsKey { return key }
        guard case .sqlite = settings.database else { return nil }
        let path = settings.database.folder + "/secrets-key"
        if let key = try read(path) { return key }
        let key = [UInt8].random(count: 32)
        if try PrivateFiles.create(path, content: Array((Base64.encode(key) + "\n").utf8)) { return key }
        // Another process has created the file meanwhile: its key holds.
        guard let other = try read(path) else { throw FileError(path: path, explanation: "was deleted while it was read") }
        return other
    }

    private static func read(_ path: String) throws(FileError) -> [UInt8]? {
        guard let content = try PrivateFiles.read(path) else { return nil }
        guard let key = try? Base64.decode(String(decoding: content, as: UTF8.self).trimmed), key.count == 32 else {
            throw FileError(path: path, explanation: "holds no key of 32 bytes in base64; what it sealed cannot be opened without it")
        }
        return key
    }
}
