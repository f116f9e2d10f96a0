import Database

/// What a migration would do to this database, and how long that takes about.
package struct MigrationStep: Sendable, Equatable {
    /// The name of the migration.
    package var name: String
    /// The tables with rows that have to be read or written for it, by name, with how many they have; those that are new are none.
    package var rows: [String: Int64]
    /// How long it takes, in seconds: an estimate from the speed of an index that was built on trial.
    package var seconds: Double
    /// Whether nodes of the version before refuse to start afterwards.
    package var isContraction: Bool
}

extension Store {
    /// Returns what ``migrate()`` would do; changes nothing.
    ///
    /// The rows of the tables concerned are counted, which takes seconds where they are millions; the trial is in a table of its own, which
    /// is rolled back. No table in use is locked.
    package func migrationPlan() async throws -> [MigrationStep] {
        do {
            let pending = Set(try await database.pending(Migrations.all))
            guard !pending.isEmpty else { return [] }
            let rate = try await MigrationTrial.rowsPerSecond(of: database)
            return try await database.read { sql in try MigrationTrial.steps(pending, at: rate, in: sql) }
        } catch {
            throw failed(error)
        }
    }
}

/// How long the steps of a plan take: by the number of rows, and the speed of this database.
private enum MigrationTrial {
    /// What a statement takes that reads no rows.
    private static let statementSeconds = 0.005
    private static let probeRows: Int64 = 50_000

    /// Ends the transaction of the trial without a change.
    private struct Measured: Error {
        var seconds: Double
    }

    static func steps(_ pending: Set<String>, at rate: Double, in sql: any DatabaseTransaction) throws -> [MigrationStep] {
        let migrations = Migrations.all.filter { pending.contains($0.name) }
        let changes = migrations.map { migration in migration.statements(sql.dialect).map { SchemaChange($0) } }
        let existing = Set(try sql.query(sql.dialect.catalogue, []) { $0.text(0) })
        var counts: [String: Int64] = [:]
        for table in Set(changes.joined().compactMap { table(read: $0) }).intersection(existing) {
            counts[table] = try sql.first("SELECT COUNT(*) FROM \(table)") { $0.integer(0) }
        }
        return zip(migrations, changes).map { step($0, $1, counts, rate) }
    }

    private static func step(_ migration: Migration, _ changes: [SchemaChange], _ counts: [String: Int64], _ rate: Double) -> MigrationStep
    {
        let read = changes.compactMap { table(read: $0) }
        let rows = read.compactMap { counts[$0] }.reduce(0, +)
        return MigrationStep(
            name: migration.name, rows: counts.filter { read.contains($0.key) },
            seconds: Double(changes.count) * statementSeconds + Double(rows) / rate, isContraction: migration.isContraction)
    }

    /// The table whose rows a change reads or writes; `nil` where it takes the same time whatever there is.
    private static func table(read change: SchemaChange) -> String? {
        switch change {
        case .createIndex(let table, _, _), .changeRows(let table, _): table
        case .drop(let name): name
        case .createTable, .addColumn, .other: nil
        }
    }

    /// Builds an index of many rows on trial, and returns how many rows a second that is.
    static func rowsPerSecond(of database: any DatabaseEngine) async throws -> Double {
        do {
            try await database.write { (sql) throws -> Void in
                let integer = sql.dialect.integer
                try sql.execute("CREATE TEMPORARY TABLE migration_trial (key \(integer), value \(integer))")
                try sql.execute(
                    """
                    INSERT INTO migration_trial WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < \(probeRows)) \
                    SELECT i * 7919 % 50021, i FROM numbers
                    """)
                let clock = ContinuousClock()
                let took = try clock.measure {
                    _ = try sql.execute("CREATE INDEX migration_trial_key ON migration_trial (key, value)")
                }
                throw Measured(seconds: took / .seconds(1))
            }
        } catch let measured as Measured {
            return Double(probeRows) / max(measured.seconds, 0.001)
        }
        return Double(probeRows)
    }
}
