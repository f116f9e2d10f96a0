import Database
import TestSupport
import Testing

/// Migrations of the schema, on all engines.
@Suite(.timeLimit(.minutes(1)))
struct MigrationTests {
    private func numbers(_ database: any DatabaseEngine) async throws -> [Int64] {
        try await database.read { try $0.query("SELECT i FROM t ORDER BY i", []) { $0.integer(0) } }
    }

    @Test(arguments: TestEngine.available)
    func eachMigrationRunsOnce(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { (database) async throws in
            try await database.write { _ = try $0.execute("CREATE TABLE t (i \($0.dialect.integer) UNIQUE)") }
            let first = Migration("1") { _ in ["INSERT INTO t VALUES (1)"] }
            let second = Migration("2") { _ in ["INSERT INTO t VALUES (2)"] }
            let applied = [
                try await database.migrate([first]), try await database.migrate([first, second]),
                try await database.migrate([first, second]),
            ]
            #expect(applied == [["1"], ["2"], []])
            #expect(try await numbers(database) == [1, 2])
        }
    }

    @Test(arguments: TestEngine.available)
    func concurrentMigrationsRunOnce(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { (database) async throws in
            let steps = [Migration("1") { ["CREATE TABLE t (i \($0.integer))"] }, Migration("2") { _ in ["INSERT INTO t VALUES (1)"] }]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await database.migrate(steps) } }
                try await group.waitForAll()
            }
            #expect(try await numbers(database) == [1])
        }
    }

    /// While nodes are upgraded one by one, the previous version keeps running, unless a migration removes something.
    @Test(arguments: TestEngine.available)
    func anOlderVersionAcceptsAdditionsAndRefusesRemovals(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { (database) async throws in
            let first = Migration("1") { ["CREATE TABLE t (i \($0.integer))"] }
            let expanding = Migration("2-expand") { ["ALTER TABLE t ADD COLUMN j \($0.integer)", "CREATE INDEX t_j ON t (j)"] }
            try await database.migrate([first, expanding])
            try await database.migrate([first])
            try await database.write { _ = try $0.execute("INSERT INTO t (i) VALUES (1)") }
            #expect(try await numbers(database) == [1])
            try await database.migrate([first, expanding, Migration("3-contract") { _ in ["DROP INDEX t_j"] }])
            let error = await #expect(throws: DatabaseError.self) { try await database.migrate([first, expanding]) }
            #expect(error?.message.contains("3-contract") == true)
        }
    }

    @Test(arguments: TestEngine.available)
    func aFailedMigrationIsRepeated(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { (database) async throws in
            let broken = Migration("1") { ["CREATE TABLE t (i \($0.integer))", "nonsense"] }
            let mended = Migration("1") { ["CREATE TABLE t (i \($0.integer))"] }
            await #expect(throws: DatabaseError.self) { try await database.migrate([broken]) }
            let applied = try await database.migrate([mended])
            #expect(applied == ["1"])
        }
    }
}
