package import Database
import Synchronization

/// The engine for many nodes: a PostgreSQL server, or several of which one is the primary (specification 12.1).
///
/// Sessions are pooled, each with a thread of its own, so that no thread of Swift's pool waits for the network. Failover is libpq's: with
/// several hosts in the URL a broken session is opened again on whichever takes writes. A call that meets the gap fails with
/// ``DatabaseError/Code/unavailable``; calls after it work again without a restart.
package final class PostgresDatabase: DatabaseEngine {
    private let settings: PostgresSettings
    private let pool: SessionPool
    private let repeated = Atomic<Int>(0)
    package let notifications: (any DatabaseNotifications)?

    private init(_ settings: PostgresSettings) {
        self.settings = settings
        pool = SessionPool(settings)
        notifications = PostgresNotifications(settings, pool: pool)
    }

    /// Connects, and checks that the server can be worked with.
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

    package var dialect: Dialect { .postgres }

    package var usage: DatabaseUsage? {
        let (lent, idle, waiting) = pool.counts
        return DatabaseUsage(
            limit: settings.connections, lent: lent, idle: idle, waiting: waiting, repeated: repeated.load(ordering: .relaxed))
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await pool.use(for: .reading) { connection in
            try connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            // Nothing to lose: a connection that cannot end its transaction is opened anew.
            defer { if (try? connection.command("ROLLBACK")) == nil { connection.close() } }
            return try body(PostgresTransaction(connection))
        }
    }

    package func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        try await pool.use(for: .writing) { [settings, self] connection in
            try body(PostgresWriter(connection: connection, settings: settings) { self.repeated.wrappingAdd(1, ordering: .relaxed) })
        }
    }

    package func close() async throws {
        await pool.close()
    }
}
