import Database
import DatabaseSQLite
import Foundation
import Glibc
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
