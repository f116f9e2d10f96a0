import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct WriteHealthTests {
    @Test func oneCallerProbesBeforeTheFirstCommit() {
        let health = WriteHealth()
        #expect(health.problem == nil)
        #expect(health.shouldProbe())
        #expect(!health.shouldProbe(), "the first caller probes")
    }

    @Test func noProbeIsMadeSoonAfterACommit() {
        let clock = TestUptime()
        let health = WriteHealth(uptime: { clock.now })
        health.succeeded()
        clock.advance(by: WriteHealth.trust - .milliseconds(1))
        #expect(!health.shouldProbe())
        clock.advance(by: .milliseconds(1))
        #expect(health.shouldProbe())
    }

    private static let consequences: [(DatabaseError.Code, String?)] = [
        (.full, "The disk of the database is full"), (.unavailable, "The database takes no writes"),
        (.corrupt, "The database takes no writes"), (.busy, nil), (.constraint, nil), (.other, nil),
    ]

    @Test(arguments: consequences)
    func faultsOfTheStorageCount(code: DatabaseError.Code, problem: String?) {
        let clock = TestUptime()
        let health = WriteHealth(uptime: { clock.now })
        health.succeeded()
        health.failed(DatabaseError(code, "x"))
        #expect(health.problem == problem)
        #expect(health.shouldProbe() == (problem != nil), "after a failure a probe is due at once")
        clock.advance(by: WriteHealth.probeInterval)
        health.succeeded()
        #expect(health.problem == (code == .full ? problem : nil), "a small commit does not show that there is space")
        health.probeSucceeded()
        #expect(health.problem == nil)
    }

    @Test func aFailedProbeIsAProblemUntilACommitSucceeds() {
        let health = WriteHealth()
        health.probeFailed()
        #expect(health.problem == "The database takes no writes")
        health.failed(DatabaseError(.busy, "x"))
        #expect(health.problem != nil)
        health.succeeded()
        #expect(health.problem == nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ReadinessTests {
    @Test func aNodeWithoutTrafficWritesOneRow() async throws {
        try await withStore { store in
            for _ in 0..<5 { #expect(await store.readiness().allSatisfy { $0.problem == nil }) }
            let rows = try await store.database.read { try $0.query("SELECT id, written_at FROM write_probe", []) { $0.integer(0) } }
            #expect(rows == [1])
        }
    }

    @Test func aNodeThatCommitsMakesNoProbe() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("a.example")
            #expect(await store.readiness().allSatisfy { $0.problem == nil })
            let rows = try await store.database.read { try $0.query("SELECT id FROM write_probe", []) { $0.integer(0) } }
            #expect(rows == [])
        }
    }

    /// The number of the file's pages is limited: SQLite reports that like a full disk.
    @Test func aFullDiskIsReportedUntilThereIsSpace() async throws {
        try await withDatabase(.sqlite) { database in
            let clock = TestUptime()
            let store = Store(database, clock: { TestClock().now }, uptime: { clock.now })
            try await store.migrate()
            _ = try await store.makeDomain("a.example")
            let pages = try await database.write { try $0.first("PRAGMA page_count") { $0.integer(0) } } ?? 0
            try await database.write { _ = try $0.query("PRAGMA max_page_count = \(pages)", []) { _ in } }
            await #expect(throws: StorageError.self) {
                try await store.write { tx in
                    for number in 0..<2000 {
                        try tx.unmatchedEvents.insert(messageID: "\(number)", kind: "Bounce", source: nil, payload: "{}")
                    }
                }
            }
            #expect(await store.readiness().compactMap(\.problem) == ["The disk of the database is full"])
            #expect(await store.readiness().map(\.name) == ["reads", "writes"])
            try await database.write { _ = try $0.query("PRAGMA max_page_count = 1000000", []) { _ in } }
            _ = try await store.makeDomain("b.example")
            #expect(await store.readiness().compactMap(\.problem) != [], "no probe was made yet")
            clock.advance(by: WriteHealth.probeInterval)
            #expect(await store.readiness().compactMap(\.problem) == [])
            clock.advance(by: WriteHealth.trust)
            #expect(await store.readiness().compactMap(\.problem) == [])
            let left = try await store.database.read { try $0.first("SELECT LENGTH(filling) FROM write_probe") { $0.integer(0) } }
            #expect(left == 0, "the space is released")
        }
    }

    /// As a standby is, and a primary that was demoted to one.
    @Test func aReadOnlyDatabaseIsNotReady() async throws {
        try await withDatabase { database in
            let store = Store(ReadOnly(base: database), clock: { TestClock().now })
            try await database.migrate(Migrations.all)
            #expect(await store.readiness().compactMap(\.problem) == ["The database takes no writes"])
        }
    }
}

/// A database that refuses all writes.
private struct ReadOnly: DatabaseEngine {
    let base: any DatabaseEngine

    var dialect: Dialect { base.dialect }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await base.read(body)
    }

    func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        throw DatabaseError(.unavailable, "cannot execute INSERT in a read-only transaction (SQLSTATE 25006)")
    }

    func close() async throws {}
}
