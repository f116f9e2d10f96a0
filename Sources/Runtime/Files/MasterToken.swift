import Glibc
import MailModel

/// The operator's token, and where it came from.
package struct MasterToken: Sendable, Equatable {
    package enum Origin: Sendable, Equatable {
        /// From the configuration: nobody needs to be told.
        case configured
        /// From the file that an earlier start made.
        case file(path: String)
        /// Made now, and kept in the file.
        case generated(path: String)
    }

    package var token: String
    package var origin: Origin

    /// The configured token, or else the one in `master-token` beside the database (in `var` where that is a server), which is made on
    /// first use: 192 random bits, mode 0600.
    ///
    /// - Throws: ``FileError`` when the file cannot be read or made, or others can read it.
    package static func find(_ settings: Settings) throws(FileError) -> MasterToken {
        if let token = settings.masterToken { return MasterToken(token: token, origin: .configured) }
        let path = self.path(beside: settings.database)
        if let token = try read(path) { return MasterToken(token: token, origin: .file(path: path)) }
        return try generate(at: path)
    }

    /// The token that a server with these settings accepts; `nil` when none was started yet.
    package static func existing(_ settings: Settings) throws(FileError) -> String? {
        if let token = settings.masterToken { return token }
        return try read(path(beside: settings.database))
    }

    /// Where the token lies when none is configured.
    package static func path(beside database: Settings.DatabaseLocation) -> String {
        database.folder + "/master-token"
    }

    /// The token in a file; `nil` when there is no such file.
    static func read(_ path: String) throws(FileError) -> String? {
        guard let content = try PrivateFiles.read(path) else { return nil }
        let token = String(decoding: content, as: UTF8.self).trimmed
        guard token.utf8.count >= 16 else { throw FileError(path: path, explanation: "holds no token; delete it to have a new one made") }
        return token
    }

    private static func generate(at path: String) throws(FileError) -> MasterToken {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<24).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let token = bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        if try PrivateFiles.create(path, content: Array((token + "\n").utf8)) {
            return MasterToken(token: token, origin: .generated(path: path))
        }
        // Another process was faster: its token is the one.
        guard let other = try read(path) else { throw FileError(path: path, explanation: "came and went") }
        return MasterToken(token: other, origin: .file(path: path))
    }
}
