import DatabaseSQLite
import Logging
import Operations
import Storage

enum OpenStore {
    /// Opens the database that the settings name, and makes it and its folder when they do not exist.
    static func open(_ settings: Settings) throws -> Store {
        try PrivateFiles.createFolder(PrivateFiles.folder(of: settings.database.path))
        return Store(try SQLiteDatabase(path: settings.database.path), clock: SystemClock.now)
    }

    /// Runs `body` on the migrated database, and closes it afterwards.
    static func use<Value>(_ settings: Settings, logger: Logger = .quiet, _ body: (Store) async throws -> Value) async throws -> Value {
        try await explainingFailures {
            let store = try open(settings)
            do {
                for step in try await store.migrate() {
                    logger.notice("Database migrated", metadata: ["migration.name": "\(step)"])
                }
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
