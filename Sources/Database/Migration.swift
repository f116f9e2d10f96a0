/// One migration of the schema.
///
/// Migrations run once each, in order; a released one is never edited.
///
/// While nodes are upgraded one by one, those of the previous version still run on the new schema. So a migration only adds what they need not
/// know: tables, indexes, columns that may be null or have a default. What no version in use needs any more is removed in a later release, by a
/// migration whose name ends in ``contraction``: nodes that do not know it refuse to start.
package struct Migration: Sendable {
    /// The end of the name of a migration that removes something.
    package static let contraction = "-contract"

    /// The name, which is unique and recorded in the database.
    package var name: String
    /// Returns the statements for an engine.
    package var statements: @Sendable (Dialect) -> [String]

    /// Creates a migration.
    package init(_ name: String, statements: @escaping @Sendable (Dialect) -> [String]) {
        self.name = name
        self.statements = statements
    }
}

extension DatabaseEngine {
    /// Applies the migrations that the database does not have yet, each in a transaction of its own.
    ///
    /// - Returns: the names of the migrations applied.
    @discardableResult
    package func migrate(_ migrations: [Migration]) async throws -> [String] {
        try await write { transaction in
            try transaction.lockSchema()
            _ = try transaction.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
            let applied = try transaction.query("SELECT name FROM migrations", []) { $0.text(0) }
            let known = Set(migrations.map(\.name))
            if let step = applied.first(where: { $0.hasSuffix(Migration.contraction) && !known.contains($0) }) {
                throw DatabaseError(.other, "a newer version has removed what this one needs (\(step)): run that version")
            }
        }
        var applied: [String] = []
        for migration in migrations {
            let isNew = try await write { transaction in
                try transaction.lockSchema()
                let inserted = try transaction.execute(
                    "INSERT INTO migrations (name) VALUES (?1) ON CONFLICT DO NOTHING", [.text(migration.name)])
                guard inserted == 1 else { return false }
                for statement in migration.statements(transaction.dialect) {
                    try transaction.execute(statement)
                }
                return true
            }
            if isNew { applied.append(migration.name) }
        }
        return applied
    }

    /// Returns the names of the migrations that the database does not have yet.
    package func pending(_ migrations: [Migration]) async throws -> [String] {
        let applied: [String]
        do {
            applied = try await read { transaction in try transaction.query("SELECT name FROM migrations", []) { $0.text(0) } }
        } catch let error as DatabaseError where error.code == .other {
            // There is no such table: no migration was ever applied.
            applied = []
        }
        return migrations.map(\.name).filter { !applied.contains($0) }
    }
}

extension DatabaseTransaction {
    /// Locks the schema until the transaction ends, where there are other nodes.
    fileprivate func lockSchema() throws {
        guard !dialect.schemaLock.isEmpty else { return }
        _ = try query(dialect.schemaLock, []) { _ in }
    }
}
