package import Database
import Glibc

import struct GRDB.Configuration
import class GRDB.DatabasePool

/// The embedded engine: one SQLite file in WAL mode, written by one thread and read by several (specification 12.1).
///
/// A commit returns only when the log is synced to the disk (`synchronous = FULL`): no acknowledged commit is lost when the machine loses power.
package final class SQLiteDatabase: DatabaseEngine {
    private let pool: DatabasePool
    private let checkpoints: SQLiteCheckpoints
    /// The lock of a server, held until the file is closed; `nil` for other processes.
    private let lock: SQLiteServerLock?

    /// Opens the file, or creates it for this user alone.
    ///
    /// Its folder has to exist. A file that other users may read or write is made private.
    ///
    /// - Parameters:
    ///   - path: the path of the database file; `-wal` and `-shm` files are created beside it, with the same permissions.
    ///   - isServer: whether this is the one server of the file. Other processes may open it beside a server.
    ///   - busyTimeout: how long a transaction waits for another process that has locked the file.
    ///   - checkpointPages: the size of the log, in pages of 4 KiB, from which it is copied into the file.
    /// - Throws: ``SQLiteServerLock/Held`` for a second server, or ``DatabaseError``.
    package init(
        path: String, isServer: Bool = false, busyTimeout: Duration = .seconds(5), checkpointPages: Int32 = 4096
    ) throws {
        Self.create(path)
        Self.makePrivate(path)
        lock = isServer ? try SQLiteServerLock(path: path) : nil
        var configuration = Configuration()
        let seconds = Double(busyTimeout.components.seconds) + Double(busyTimeout.components.attoseconds) / 1e18
        configuration.busyMode = .timeout(seconds)
        configuration.maximumReaderCount = 4
        // GRDB's suspension and observation are not used.
        configuration.observesSuspensionNotifications = false
        configuration.prepareDatabase { connection in
            // Suppressions and SES's ids are looked up at random places: 32 MiB keep the upper pages of their indexes in memory.
            try connection.execute(sql: "PRAGMA cache_size = -32768")
            try connection.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            checkpoints = try SQLiteCheckpoints(path: path, pages: checkpointPages)
            try pool.writeWithoutTransaction { [checkpoints] connection in
                // DatabasePool sets NORMAL after `prepareDatabase`, which would lose the last commits on a power failure.
                try connection.execute(sql: "PRAGMA synchronous = FULL")
                checkpoints.follow(connection)
                // A log that has grown while a backup was read is cut at the next reset.
                try connection.execute(sql: "PRAGMA journal_size_limit = 67108864")
                // What is deleted is overwritten: erased addresses are not to be found in the file.
                try connection.execute(sql: "PRAGMA secure_delete = ON")
            }
        } catch {
            throw DatabaseError.mapping(error)
        }
    }

    /// Creates an empty file, mode 0600, where there is none: SQLite would create one that others can read, and gives the files beside it
    /// the mode of this one.
    ///
    /// An error here occurs again, with a message, when SQLite opens the file.
    private static func create(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// Takes all rights away from other users, on the file and on those beside it that an earlier process has left.
    ///
    /// Where that is not allowed, because the file is another user's, it stays as it is; `martlet doctor` and the start of the server
    /// report it.
    private static func makePrivate(_ path: String) {
        for file in [path, path + "-wal", path + "-shm", path + "-journal"] {
            var status = stat()
            guard stat(file, &status) == 0, status.st_mode & 0o077 != 0 else { continue }
            chmod(file, status.st_mode & 0o700)
        }
    }

    /// The dialect of SQLite.
    package let dialect = Dialect.sqlite

    /// Runs `body` on a snapshot, on one of up to 4 connections that read.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        do {
            return try await pool.read { try body(SQLiteTransaction($0)) }
        } catch {
            throw DatabaseError.mapping(error)
        }
    }

    /// Runs `body` on the connection that writes.
    package func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        do {
            return try await pool.writeWithoutTransaction { try body(SQLiteWriter(connection: $0)) }
        } catch {
            throw DatabaseError.mapping(error)
        }
    }

    /// Writes the log into the file and cuts it to nothing.
    ///
    /// Waits for readers for a moment only, because nothing can be written meanwhile.
    package func emptyLog() async throws -> Bool {
        do {
            return try await pool.writeWithoutTransaction { connection in
                let transaction = SQLiteTransaction(connection)
                let wait = try transaction.first("PRAGMA busy_timeout") { $0.integer(0) } ?? 0
                try connection.execute(sql: "PRAGMA busy_timeout = 20")
                defer { try? connection.execute(sql: "PRAGMA busy_timeout = \(wait)") }
                return try transaction.first("PRAGMA wal_checkpoint(TRUNCATE)") { $0.integer(0) } == 0
            }
        } catch {
            throw DatabaseError.mapping(error)
        }
    }

    /// Closes the file and releases the server's lock.
    package func close() async throws {
        do {
            try pool.close()
            try checkpoints.close()
        } catch {
            throw DatabaseError.mapping(error)
        }
        lock?.release()
    }
}

extension Dialect {
    /// SQLite 3.35 or later: `RETURNING`, upserts, `WITH`.
    package static let sqlite = Dialect(
        name: "sqlite", integer: "INTEGER", identity: "INTEGER PRIMARY KEY AUTOINCREMENT", real: "REAL", blob: "BLOB",
        clusteredByKey: "WITHOUT ROWID",
        // One writer at a time: rows need no locks.
        forUpdate: "", forUpdateSkipLocked: "", schemaLock: "",
        catalogue: """
            SELECT t.name, c.name, c.type, c.pk FROM sqlite_master t JOIN pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.rowid, c.cid
            """,
        identityCounters: "SELECT name, seq FROM sqlite_sequence",
        setIdentityCounter: "UPDATE sqlite_sequence SET seq = MAX(seq, ?2) WHERE name = ?1 RETURNING seq")
}
