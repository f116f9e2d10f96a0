import DatabasePostgres
import DatabaseSQLite
import Logging
import Runtime
import Storage

/// Opens the database that the settings name.
enum OpenStore {
    /// The kind of process that opens a database.
    enum User {
        /// The one process that serves a SQLite file, or one of many nodes on a PostgreSQL server.
        case server
        /// A command, which may run beside a server.
        case command
    }

    /// Opens the database that the settings name.
    ///
    /// A file, and the folder for files beside the data, are created when they do not exist.
    ///
    /// - Throws: ``SQLiteServerLock/Held`` for a second server on a SQLite file.
    static func open(_ settings: Settings, as user: User = .command) async throws -> Store {
        try PrivateFiles.createFolder(settings.database.folder)
        switch settings.database {
        case .sqlite(let path):
            return Store(try SQLiteDatabase(path: path, isServer: user == .server), clock: DatabaseClock(hasServer: false))
        case .postgres(let url):
            var server = PostgresSettings(url: url)
            server.connections = settings.databaseConnections
            return try await open(PostgresDatabase.connect(server))
        }
    }

    /// Returns a store with the server's time, which is read first: no time of this machine's clock is stored.
    private static func open(_ database: PostgresDatabase) async throws -> Store {
        do {
            let clock = try await DatabaseClock(for: database)
            return Store(database, clock: clock)
        } catch {
            try? await database.close()
            throw error
        }
    }

    /// Runs `body` on the migrated database, and closes it afterwards.
    ///
    /// - Throws: ``CommandFailure`` for an unfinished copy, and in place of the errors of the services.
    static func use<Value>(
        _ settings: Settings, as user: User = .command, logger: Logger = .quiet, _ body: (Store) async throws -> Value
    ) async throws -> Value {
        try await useWhileCopied(settings, as: user, logger: logger) { store in
            guard try await !store.isUnfinishedCopy() else {
                throw CommandFailure("The database is an unfinished copy: run `martlet copy-database` again")
            }
            return try await body(store)
        }
    }

    /// Logs the migrations of a start: one line for a database that was created, one for each step of an older one.
    private static func report(_ steps: [String], to logger: Logger) {
        guard steps.first != Store.firstMigration else {
            return logger.notice("Database created", metadata: ["migration.count": "\(steps.count)"])
        }
        for step in steps { logger.notice("Database migrated", metadata: ["migration.name": "\(step)"]) }
    }

    /// Runs `body` on the migrated database, which may be an unfinished copy, and closes it afterwards.
    static func useWhileCopied<Value>(
        _ settings: Settings, as user: User = .command, logger: Logger = .quiet, _ body: (Store) async throws -> Value
    ) async throws -> Value {
        try await CommandFailure.explaining {
            let store = try await open(settings, as: user)
            do {
                let steps = try await store.migrate()
                report(steps, to: logger)
                // If the lock is not free within a moment, the scheduler creates them.
                _ = try? await store.makePartitions()
                let value = try await body(store)
                try await store.close()
                return value
            } catch {
                try? await store.close()
                throw error
            }
        }
    }
}
