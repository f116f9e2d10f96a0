package import Database
import Synchronization

/// The engine for many nodes: a PostgreSQL server, or several of which one is the primary (specification 12.1).
///
/// Sessions are pooled, each with a thread of its own, so that no thread of Swift's pool waits for the network. libpq does the failover: with
/// several hosts in the URL a broken session is opened again on the one that takes writes. A call during the failover fails with
/// ``DatabaseError/Code/unavailable``; later calls succeed without a restart.
package final class PostgresDatabase: DatabaseEngine {
    private let settings: PostgresSettings
    private let pool: SessionPool
    private let repeated = Atomic<Int>(0)
    /// The notifications between nodes, by `NOTIFY`.
    package let notifications: (any DatabaseNotifications)?

    private init(_ settings: PostgresSettings) {
        self.settings = settings
        pool = SessionPool(settings)
        notifications = PostgresNotifications(settings, pool: pool)
    }

    /// Connects, and checks the server's version.
    ///
    /// - Throws: ``DatabaseError``.
    package static func connect(_ settings: PostgresSettings) async throws -> PostgresDatabase {
        let database = PostgresDatabase(settings)
        do {
            try await database.pool.use(for: .writing) { connection in
                try connection.open()
                try connection.checkVersion()
                try connection.command("BEGIN")
                try connection.command(Dialect.postgres.schemaLock)
                try CommitRecord.prepare(on: connection)
                try connection.command("COMMIT")
            }
        } catch {
            try? await database.close()
            throw error
        }
        return database
    }

    /// The dialect of PostgreSQL.
    package var dialect: Dialect { .postgres }

    /// The use of the pool's sessions.
    package var usage: DatabaseUsage? {
        let (lent, idle, waiting) = pool.counts
        return DatabaseUsage(
            limit: settings.connections, lent: lent, idle: idle, waiting: waiting, repeated: repeated.load(ordering: .relaxed))
    }

    /// Runs `body` on a snapshot, in a session of the pool.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await pool.use(for: .reading) { connection in
            try connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            // A connection that cannot end its transaction is closed, and opened anew for the next one.
            defer { if (try? connection.command("ROLLBACK")) == nil { connection.close() } }
            return try body(PostgresTransaction(connection))
        }
    }

    /// Runs `body` in a session of the pool that writes.
    package func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        try await pool.use(for: .writing) { [settings, self] connection in
            try body(PostgresWriter(connection: connection, settings: settings) { self.repeated.wrappingAdd(1, ordering: .relaxed) })
        }
    }

    /// Closes the pool once all sessions are returned.
    package func close() async throws {
        await pool.close()
    }
}
