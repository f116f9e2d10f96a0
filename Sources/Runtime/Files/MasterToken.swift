import Encoding
import Glibc
import MailModel

/// The operator's token (specification 2.1), and where it comes from.
package struct MasterToken: Sendable, Equatable {
    /// Where a token comes from.
    enum Origin: Sendable, Equatable {
        /// The configuration: the operator knows it.
        case configured
        /// The file of an earlier start.
        case file(path: String)
        /// Generated at this start, and stored in the file.
        case generated(path: String)
    }

    /// The token, at least 16 bytes.
    package var token: String
    var origin: Origin

    /// Returns the configured token, or else the one in `master-token` beside the database (in `var` where that is a server), which is
    /// generated on first use: 192 random bits, mode 0600.
    ///
    /// - Throws: ``FileError`` when the file cannot be read or created, or other users can read it.
    package static func find(_ settings: Settings) throws(FileError) -> MasterToken {
        if let token = settings.masterToken { return MasterToken(token: token, origin: .configured) }
        let path = self.path(beside: settings.database)
        if let token = try read(path) { return MasterToken(token: token, origin: .file(path: path)) }
        return try generate(at: path)
    }

    /// Returns the token that a server with these settings accepts; `nil` when none was started yet.
    ///
    /// - Throws: ``FileError`` when the file cannot be read, or other users can read it.
    package static func existing(_ settings: Settings) throws(FileError) -> String? {
        if let token = settings.masterToken { return token }
        return try read(path(beside: settings.database))
    }

    /// Returns the path of the token's file.
    static func path(beside database: Settings.DatabaseLocation) -> String {
        database.folder + "/master-token"
    }

    /// Returns the token in a file; `nil` when there is no such file.
    static func read(_ path: String) throws(FileError) -> String? {
        guard let content = try PrivateFiles.read(path) else { return nil }
        let token = String(decoding: content, as: UTF8.self).trimmed
        guard token.utf8.count >= 16 else { throw FileError(path: path, explanation: "holds no token; delete it to have a new one made") }
        return token
    }

    private static func generate(at path: String) throws(FileError) -> MasterToken {
        let token = Hexadecimal.encode([UInt8].random(count: 24))
        if try PrivateFiles.create(path, content: Array((token + "\n").utf8)) {
            return MasterToken(token: token, origin: .generated(path: path))
        }
        // Another process has created the file meanwhile: its token holds.
        guard let other = try read(path) else { throw FileError(path: path, explanation: "was deleted while it was read") }
        return MasterToken(token: other, origin: .file(path: path))
    }
}
