package import Database
import DatabasePostgres
import DatabaseSQLite
import Foundation

/// The engines that tests run on.
///
/// PostgreSQL is there when `scripts/with-postgres` runs the tests.
package enum TestEngine: String, Sendable, CaseIterable {
    /// A file of the test's own.
    case sqlite
    /// A database of the test's own on the server of `scripts/with-postgres`.
    case postgres

    /// The URL of that server; `nil` where none runs.
    static let server = ProcessInfo.processInfo.environment["MARTLET_TEST_POSTGRES"]

    /// The engines that there are on this machine.
    ///
    /// A test of both is given them as its arguments.
    package static let available = allCases.filter { $0 == .sqlite || server != nil }

    /// The engine that the tests above storage run on: PostgreSQL if there is a server, so that one command tests everything on it.
    package static let chosen: TestEngine = server == nil ? .sqlite : .postgres
}

/// Runs a test on an empty database of its own that is deleted afterwards.
package func withDatabase<Value>(
    _ engine: TestEngine = .chosen, _ body: (any DatabaseEngine) async throws -> Value
) async throws -> Value {
    let name = "martlet_test_\(UInt64.random(in: 0...UInt64.max))"
    switch engine {
    case .sqlite:
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await closing(try SQLiteDatabase(path: folder.appending(path: "test.sqlite").path), body)
    case .postgres:
        let url = try await PostgresServer.createDatabase(name)
        return try await closing(try await PostgresDatabase.connect(PostgresSettings(url: url)), body)
    }
}

private func closing<Value>(_ database: some DatabaseEngine, _ body: (any DatabaseEngine) async throws -> Value) async throws -> Value {
    do {
        let value = try await body(database)
        try await database.close()
        return value
    } catch {
        try? await database.close()
        throw error
    }
}

/// The server that `scripts/with-postgres` has started.
///
/// What a test creates there is deleted with it.
package enum PostgresServer {
    /// Creates an empty database.
    ///
    /// - Returns: its URL.
    package static func createDatabase(_ name: String) async throws -> String {
        guard let server = TestEngine.server, let end = server.lastIndex(of: "/") else {
            throw DatabaseError(.unavailable, "run by scripts/with-postgres")
        }
        try await run("CREATE DATABASE \(name)")
        return server[...end] + name
    }

    /// Runs a statement as the server's owner, outside of a transaction.
    package static func run(_ sql: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["psql", "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--command", sql, TestEngine.server ?? ""]
        process.standardOutput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw DatabaseError(.other, "psql ended with \(status): \(sql)") }
    }
}
