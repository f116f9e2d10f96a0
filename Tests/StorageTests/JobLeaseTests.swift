import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct JobLeaseTests {
    private let clock = TestClock()

    private func isOurs(_ lease: JobLease) async throws -> Bool { try await lease.step { _ in true } ?? false }

    @Test func oneHolderAtATimeHasALease() async throws {
        try await withStore(clock: clock) { store async throws in
            let (one, other) = (store.lease(of: .retention), store.lease(of: .retention))
            #expect(try await isOurs(one))
            #expect(try await isOurs(other) == false)
            #expect(try await isOurs(store.lease(of: .endWarnings)), "another job")
            clock.advance(by: JobLease.length - .seconds(1))
            #expect(try await isOurs(one), "renewed")
            clock.advance(by: .seconds(2))
            #expect(try await isOurs(other) == false)
            await one.release()
            #expect(try await isOurs(other))
            #expect(try await isOurs(one) == false)
        }
    }

    @Test func aLeaseExpiresWhenItsHolderIsGone() async throws {
        try await withStore(clock: clock) { store async throws in
            let (one, other) = (store.lease(of: .retention), store.lease(of: .retention))
            #expect(try await isOurs(one))
            clock.advance(by: JobLease.length)
            #expect(try await isOurs(other))
            // The clock was set back by an hour: the lease must not last until it has caught up.
            clock.set(clock.now - .seconds(3600))
            #expect(try await isOurs(one))
        }
    }

    /// A program that is restarted on a SQLite file does not wait for its earlier lease.
    @Test(.enabled(if: TestEngine.chosen == .sqlite)) func aDatabaseOfOneProcessHasNoOtherHolder() async throws {
        try await withDatabase { database async throws in
            let before = Store(database, clock: { [clock] in clock.now })
            try await before.migrate()
            #expect(try await isOurs(before.lease(of: .retention)))
            let after = Store(database, clock: { [clock] in clock.now })
            #expect(try await isOurs(after.lease(of: .retention)))
        }
    }

    /// The step is held in its transaction, in a session of its own: commands are committed meanwhile.
    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres")) func noCommandWaitsForAStep() async throws {
        try await withNodes(1, clock: clock) { nodes in
            let (began, didBegin) = AsyncStream.makeStream(of: Void.self)
            let release = BlockingLatch()
            let lease = nodes[0].lease(of: .retention)
            async let held = lease.step { _ in
                didBegin.yield()
                release.wait()
                return true
            }
            for await _ in began { break }
            _ = try await nodes[0].makeDomain("shop.example")
            release.release()
            #expect(try await held == true)
        }
    }
}
