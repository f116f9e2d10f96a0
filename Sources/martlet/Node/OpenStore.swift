import DatabaseSQLite
import Operations
import Storage

enum OpenStore {
    /// Opens the database that the settings name, and makes it and its folder when they do not exist.
    static func open(_ settings: Settings) throws -> Store {
        try PrivateFiles.createFolder(PrivateFiles.folder(of: settings.database.path))
        return Store(try SQLiteDatabase(path: settings.database.path), clock: SystemClock.now)
    }

    /// Runs `body` on the migrated database, as the commands do that work without a server.
    static func use<Value>(_ settings: Settings, _ body: (Store) async throws -> Value) async throws -> Value {
        try await explainingFailures {
            let store = try open(settings)
            try await store.migrate()
            do {
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
