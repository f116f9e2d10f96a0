import Database
import Glibc

import struct GRDB.Configuration
import class GRDB.DatabaseQueue

/// Copies of whole SQLite files, taken while others read and write them.
package enum SQLiteBackup {
    /// A table of a copy.
    package struct Table: Sendable, Equatable {
        /// The table's name.
        package var name: String
        /// The number of its rows.
        package var rows: Int64
    }

    /// A copy that was read back and found whole.
    package struct Copy: Sendable, Equatable {
        /// The size of the copy in bytes.
        package var bytes: Int64
        /// The size of the source's write-ahead log in bytes before the copy.
        package var logBefore: Int64
        /// The size of the source's write-ahead log in bytes after the copy.
        ///
        /// The log cannot be emptied while the snapshot is read, so it grows by all that is written meanwhile.
        package var logAfter: Int64
        /// The tables of the copy.
        package var tables: [Table]
    }

    /// Copies a file into a new one with mode 0600, as of one moment, and checks the copy.
    ///
    /// `VACUUM INTO` reads one snapshot from beginning to end, however much is written meanwhile; a copy in steps (`sqlite3_backup_step`) begins anew
    /// at each write of another process. The copy has no free pages and nothing of deleted rows. It is synced to the disk.
    ///
    /// Blocks the thread.
    ///
    /// - Throws: `DatabaseError`, also where the destination exists or the copy is damaged; there is no copy then.
    package static func copy(_ source: String, to destination: String) throws -> Copy {
        let log = source + "-wal"
        let logBefore = size(of: log)
        try create(destination)
        do {
            try read(source) { try $0.execute("VACUUM INTO '\(destination.replacing("'", with: "''"))'", []) }
            let logAfter = size(of: log)
            try sync(destination)
            return Copy(bytes: size(of: destination), logBefore: logBefore, logAfter: logAfter, tables: try check(destination))
        } catch {
            unlink(destination)
            throw error
        }
    }

    /// Reads a whole file, checks its structure, and returns its tables.
    ///
    /// - Throws: `DatabaseError` with the code `corrupt` and what is wrong.
    @discardableResult
    package static func check(_ path: String) throws -> [Table] {
        try read(path) { connection in
            let findings = try connection.query("PRAGMA integrity_check(10)", []) { $0.text(0) }
            guard findings == ["ok"] else { throw DatabaseError(.corrupt, findings.joined(separator: "; ")) }
            let names = try connection.query(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name", []
            ) { $0.text(0) }
            return try names.map { name in
                Table(name: name, rows: try connection.first("SELECT COUNT(*) FROM \(name)") { $0.integer(0) } ?? 0)
            }
        }
    }

    /// Creates an empty file, which SQLite would make readable for others.
    private static func create(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DatabaseError(.unavailable, "\(path): \(String(cString: strerror(errno)))") }
        close(descriptor)
    }

    /// Runs `body` on a connection of its own that only reads, outside of any transaction.
    @discardableResult
    private static func read<Value>(_ path: String, _ body: (SQLiteTransaction) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.inDatabase { try body(SQLiteTransaction($0)) }
        } catch {
            throw DatabaseError.mapping(error)
        }
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw DatabaseError(.unavailable, "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DatabaseError(.unavailable, "\(path): \(String(cString: strerror(errno)))") }
    }

    /// Returns the size of a file in bytes; 0 where there is none.
    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
