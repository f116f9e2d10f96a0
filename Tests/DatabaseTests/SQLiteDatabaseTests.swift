import Database
import DatabaseSQLite
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SQLiteDatabaseTests {
    private func withDatabase(
        busyTimeout: Duration = .seconds(5), _ body: (SQLiteDatabase, String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-sqlite-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "test.sqlite").path
        let database = try SQLiteDatabase(path: path, busyTimeout: busyTimeout)
        try await body(database, path)
        try await database.close()
    }

    @Test func everyCommitIsSynced() async throws {
        try await withDatabase { database, _ in
            let synchronous = try await database.write { try $0.first("PRAGMA synchronous") { $0.integer(0) } }
            let journal = try await database.write { try $0.first("PRAGMA journal_mode") { $0.text(0) } }
            #expect(synchronous == 2, "FULL")
            #expect(journal == "wal")
        }
    }

    @Test func valuesComeBackAsTheyWere() async throws {
        try await withDatabase { database, _ in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT)")
                try transaction.execute(
                    "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)",
                    [.integer(Int64.min), .real(0.1), .text("a\u{1F426}\n'"), .blob([0, 255]), .null])
            }
            try await database.read { transaction in
                _ = try transaction.query("SELECT i, r, s, b, n FROM t", []) { row in
                    #expect(row.integer(0) == Int64.min)
                    #expect(row.real(1) == 0.1)
                    #expect(row.text(2) == "a\u{1F426}\n'")
                    #expect(row.blob(3) == [0, 255])
                    #expect(row.isNull(4) && row.optionalText(4) == nil && row.optionalInteger(4) == nil)
                }
            }
        }
    }

    @Test func aFailedTransactionLeavesNothing() async throws {
        struct Refused: Error {}
        try await withDatabase { database, _ in
            try await database.write { _ = try $0.execute("CREATE TABLE t (i INTEGER)") }
            await #expect(throws: Refused.self) {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    throw Refused()
                }
            }
            #expect(try await database.read { try $0.first("SELECT COUNT(*) FROM t") { $0.integer(0) } } == 0)
        }
    }

    @Test func aFailedSavepointLeavesTheRest() async throws {
        struct Refused: Error {}
        try await withDatabase { database, _ in
            try await database.write { transaction in
                try transaction.execute("CREATE TABLE t (i INTEGER)")
                try transaction.execute("INSERT INTO t VALUES (1)")
                try? transaction.savepoint {
                    try transaction.execute("INSERT INTO t VALUES (2)")
                    throw Refused()
                }
                try transaction.savepoint { _ = try transaction.execute("INSERT INTO t VALUES (3)") }
            }
            #expect(try await database.read { try $0.query("SELECT i FROM t", []) { $0.integer(0) } } == [1, 3])
        }
    }

    @Test func aHeldFileIsBusyAndTemporary() async throws {
        try await withDatabase(busyTimeout: .milliseconds(1)) { database, path in
            try await database.write { _ = try $0.execute("CREATE TABLE t (i INTEGER)") }
            let other = try SQLiteDatabase(path: path, busyTimeout: .milliseconds(1))
            let (locked, didLock) = AsyncStream.makeStream(of: Void.self)
            let release = DispatchSemaphore(value: 0)
            async let holding: Void = other.write { transaction in
                try transaction.execute("INSERT INTO t VALUES (1)")
                didLock.yield()
                release.wait()
            }
            for await _ in locked { break }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { _ = try $0.execute("INSERT INTO t VALUES (2)") }
            }
            release.signal()
            #expect(error?.code == .busy)
            #expect(error?.isTemporary == true)
            try await holding
            try await other.close()
        }
    }

    @Test func aBrokenConstraintIsNotTemporary() async throws {
        try await withDatabase { database, _ in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    try transaction.execute("CREATE TABLE t (i INTEGER UNIQUE)")
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    try transaction.execute("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.code == .constraint)
            #expect(error?.isTemporary == false)
        }
    }

    @Test func aFileThatIsNoDatabaseIsCorrupt() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).sqlite").path
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: DatabaseError.self) { try SQLiteDatabase(path: path) }
    }

    @Test func migrationsRunOnceEach() async throws {
        try await withDatabase { database, _ in
            let first = Migration("1") { _ in ["CREATE TABLE t (i INTEGER)"] }
            let second = Migration("2") { _ in ["INSERT INTO t VALUES (1)"] }
            let applied = [
                try await database.migrate([first]), try await database.migrate([first, second]),
                try await database.migrate([first, second]),
            ]
            #expect(applied == [["1"], ["2"], []])
            let rows = try await database.read { try $0.first("SELECT COUNT(*) FROM t") { $0.integer(0) } }
            #expect(rows == 1)
        }
    }

    @Test func aFailedMigrationIsTriedAgain() async throws {
        try await withDatabase { database, _ in
            let broken = Migration("1") { _ in ["CREATE TABLE t (i INTEGER)", "nonsense"] }
            let mended = Migration("1") { _ in ["CREATE TABLE t (i INTEGER)"] }
            await #expect(throws: DatabaseError.self) { try await database.migrate([broken]) }
            let applied = try await database.migrate([mended])
            #expect(applied == ["1"])
        }
    }
}
