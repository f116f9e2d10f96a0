import Database
import DatabaseSQLite
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SQLiteDatabaseTests {
    private func withDatabase(
        busyTimeout: Duration = .seconds(5), checkpointPages: Int32 = 4096, _ body: (SQLiteDatabase, String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-sqlite-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "test.sqlite").path
        let database = try SQLiteDatabase(path: path, busyTimeout: busyTimeout, checkpointPages: checkpointPages)
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

    private func size(of path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    /// Commits of about 25 pages each, one right after the other.
    private func commit(_ count: Int, to database: SQLiteDatabase) async throws {
        try await database.withWriter { writer in
            for _ in 0..<count {
                try writer.transaction { _ = try $0.execute("UPDATE t SET n = n + 1, b = randomblob(100000)") }
            }
        }
    }

    private let table = "CREATE TABLE t (n INTEGER, b BLOB)"
    private let row = "INSERT INTO t VALUES (0, randomblob(100000))"

    /// 400 commits are 10,000 pages: without the writer's part none of the passes would find a log that ends.
    @Test func `the log stays small however fast commits follow`() async throws {
        try await withDatabase(checkpointPages: 100) { database, path in
            try await database.write { [table, row] transaction in
                _ = try transaction.execute(table)
                _ = try transaction.execute(row)
            }
            try await commit(400, to: database)
            #expect(try size(of: path + "-wal") < 2500 * 4120)
            #expect(try await database.read { try $0.first("SELECT n FROM t") { $0.integer(0) } } == 400)
        }
    }

    /// A copy of both files is what a crash leaves.
    @Test func `a log that was begun anew has the commits since`() async throws {
        try await withDatabase(checkpointPages: 100) { database, path in
            try await database.write { [table, row] transaction in
                _ = try transaction.execute(table)
                _ = try transaction.execute(row)
            }
            for round in 1...20 {
                try await commit(7, to: database)
                // The writer's lock is held while the files are copied, and a checkpoint writes only what the log has.
                try await database.withWriter { _ in
                    for suffix in ["-wal", ""] {
                        try? FileManager.default.removeItem(atPath: path + ".crashed" + suffix)
                        try FileManager.default.copyItem(atPath: path + suffix, toPath: path + ".crashed" + suffix)
                    }
                }
                let crashed = try SQLiteDatabase(path: path + ".crashed")
                #expect(try await crashed.read { try $0.first("SELECT n FROM t") { $0.integer(0) } } == Int64(round * 7))
                #expect(try await crashed.read { try $0.first("PRAGMA integrity_check") { $0.text(0) } } == "ok")
                try await crashed.close()
            }
        }
    }

    /// A reader holds its snapshot over many commits; when it has ended, the log is begun anew.
    @Test func `a reader keeps the log for its time alone`() async throws {
        try await withDatabase(checkpointPages: 100) { database, path in
            try await database.write { [table, row] transaction in
                _ = try transaction.execute(table)
                _ = try transaction.execute(row)
            }
            let (started, didStart) = AsyncStream.makeStream(of: Void.self)
            let release = DispatchSemaphore(value: 0)
            async let seen = database.read { transaction in
                let before = try transaction.first("SELECT n FROM t") { $0.integer(0) }
                didStart.yield()
                release.wait()
                let after = try transaction.first("SELECT n FROM t") { $0.integer(0) }
                return [before, after]
            }
            for await _ in started { break }
            try await commit(100, to: database)
            let kept = try size(of: path + "-wal")
            release.signal()
            #expect(try await seen == [0, 0])
            #expect(kept > 2000 * 4120)
            try await commit(300, to: database)
            #expect(try size(of: path + "-wal") < kept + 2500 * 4120)
        }
    }

    @Test func aLockedFileIsBusyWhichIsTemporary() async throws {
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

    /// By any name of the file: two servers would count limits and rates separately.
    @Test(arguments: ["test.sqlite", "./test.sqlite", "../{folder}/test.sqlite", "link.sqlite", "link/test.sqlite", "hard.sqlite"])
    func aSecondServerIsRefused(name: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-sqlite-\(UUID())")
        let files = FileManager.default
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: folder) }
        let path = folder.appending(path: "test.sqlite").path
        #expect(files.createFile(atPath: path, contents: Data()))
        try files.createSymbolicLink(atPath: folder.appending(path: "link.sqlite").path, withDestinationPath: "test.sqlite")
        try files.createSymbolicLink(atPath: folder.appending(path: "link").path, withDestinationPath: ".")
        try files.linkItem(atPath: path, toPath: folder.appending(path: "hard.sqlite").path)
        let other = folder.path + "/" + name.replacingOccurrences(of: "{folder}", with: folder.lastPathComponent)
        let lock = try SQLiteServerLock(path: path)
        let held = #expect(throws: SQLiteServerLock.Held.self) { try SQLiteDatabase(path: other, isServer: true) }
        #expect(held == SQLiteServerLock.Held(path: other, process: Int(getpid())))
        #expect(held?.description.contains("is already served by process \(getpid())") == true)
        lock.release()
        try SQLiteServerLock(path: other).release()
    }

    @Test func aClosedDatabaseCanBeOpenedAgain() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-sqlite-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "test.sqlite").path
        for _ in 0..<2 {
            let database = try SQLiteDatabase(path: path, isServer: true)
            try await database.write { _ = try $0.execute("CREATE TABLE IF NOT EXISTS t (i INTEGER)") }
            let beside = try SQLiteDatabase(path: path)
            try await beside.write { _ = try $0.execute("INSERT INTO t VALUES (1)") }
            try await beside.close()
            try await database.close()
        }
        #expect(try !SQLiteDatabase.isInUse(path: path))
    }

    @Test func filesAreAccessibleToTheirOwnerOnly() async throws {
        let before = umask(0o022)
        defer { umask(before) }
        try await withDatabase { database, path in
            try await database.write { _ = try $0.execute("CREATE TABLE t (i INTEGER)") }
            for file in [path, path + "-wal", path + "-shm"] {
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(file)")
            }
        }
    }

    /// Also those of an earlier version, and what a process that was killed has left beside them.
    @Test func wideModesOfExistingFilesAreNarrowed() async throws {
        let before = umask(0o022)
        defer { umask(before) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/m.sqlite"
        for file in [path, path + "-wal", path + "-shm"] {
            #expect(FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o644]))
        }
        let database = try SQLiteDatabase(path: path)
        try await database.write { _ = try $0.execute("CREATE TABLE t (i INTEGER)") }
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/" + file)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(file)")
        }
        try await database.close()
    }

    @Test func anotherFileIsACorruptDatabase() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID()).sqlite").path
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: DatabaseError.self) { try SQLiteDatabase(path: path) }
    }
}
