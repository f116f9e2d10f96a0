import Database
import DatabasePostgres
import DatabaseSQLite
import TestSupport
import Testing

@testable import Storage

/// While nodes are upgraded one by one, those of the version before go on working: a migration only adds.
@Suite(.timeLimit(.minutes(1)))
struct MigrationRuleTests {
    /// What was made before anything was released: no node of a version before it runs anywhere.
    private static let beforeTheFirstRelease: Set<String> = ["0003-callbacks", "0020-ownership"]

    @Test(arguments: Migrations.all.map(\.name))
    func `a migration only adds`(_ name: String) throws {
        let migration = try #require(Migrations.all.first { $0.name == name })
        let faults = [Dialect.sqlite, .postgres].flatMap { migration.breaks(in: $0) }
        #expect(faults.isEmpty != Self.beforeTheFirstRelease.contains(name), "\(faults)")
    }

    @Test func `names are unique`() {
        let names = Migrations.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: [
        ("CREATE TABLE a (b INTEGER NOT NULL)", true), ("CREATE INDEX i ON t (c)", true), ("ALTER TABLE t ADD COLUMN c TEXT", true),
        ("ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT ''", true), ("ALTER TABLE t ADD COLUMN c TEXT NOT NULL", false),
        ("CREATE UNIQUE INDEX i ON t (c)", false), ("UPDATE t SET c = 1", false), ("INSERT INTO t (c) VALUES (1)", false),
        ("DELETE FROM t", false), ("DROP TABLE t", false), ("DROP INDEX i", false), ("ALTER TABLE t DROP COLUMN c", false),
        ("ALTER TABLE t RENAME TO u", false), ("ALTER TABLE t ALTER COLUMN c SET NOT NULL", false), ("VACUUM", false),
    ])
    func `statements that break a program`(_ statement: String, isAllowed: Bool) {
        #expect(Migration("1") { _ in [statement] }.breaks(in: .sqlite).isEmpty == isAllowed)
    }

    @Test func `its own tables and columns may be filled`() {
        let own = Migration("1") { _ in
            [
                "CREATE TABLE a (b INTEGER NOT NULL)", "INSERT INTO a (b) VALUES (1)", "CREATE UNIQUE INDEX i ON a (b)",
                "ALTER TABLE t ADD COLUMN place INTEGER", "UPDATE t SET place = 1 WHERE x = 2", "CREATE UNIQUE INDEX j ON t (place)",
            ]
        }
        #expect(own.breaks(in: .postgres) == [])
        #expect(Migration("2-contract") { _ in ["DROP TABLE t", "DROP INDEX i"] }.breaks(in: .postgres) == [])
    }

    /// The plan of an older database names every step with its rows, and changes nothing.
    @Test(arguments: TestEngine.available)
    func `what migrate would do`(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { (database) async throws in
            let store = Store(database, clock: { TestClock().now })
            let old = Array(Migrations.all.prefix(13))
            try await database.migrate(old)
            try await database.write { sql in
                for number in 1...3 {
                    try sql.execute("INSERT INTO accounts (reference, status, created_at) VALUES ('a\(number)', 'active', 0)")
                }
            }
            let plan = try await store.migrationPlan()
            #expect(plan.map(\.name) == Migrations.all.dropFirst(13).map(\.name))
            #expect(plan.allSatisfy { $0.seconds > 0 && $0.seconds < 60 })
            #expect(plan.filter(\.isContraction).map(\.name).contains("0033-search-contract"))
            #expect(plan.first { $0.name == "0020-ownership" }?.rows["domains"] == 0)
            #expect(try await store.pendingMigrations() == plan.map(\.name))
            #expect(try await store.migrate() == plan.map(\.name))
            #expect(try await store.migrationPlan() == [])
        }
    }
}
