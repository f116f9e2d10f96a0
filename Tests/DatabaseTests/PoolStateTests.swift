import Database
import DatabasePostgres
import Testing

/// The state of the pool, with numbers in place of sessions and waiters.
struct PoolStateTests {
    private typealias Pool = PoolState<Int, Int>

    private func lent(_ borrowing: Pool.Borrowing) -> Int? {
        if case .lend(let session) = borrowing { session } else { nil }
    }

    private func isWaiting(_ borrowing: Pool.Borrowing) -> Bool {
        if case .wait = borrowing { true } else { false }
    }

    @Test func sessionsAreOpenedUpToTheLimitAndReused() {
        var pool = Pool(limit: 2)
        for id in 1...2 {
            guard case .make = pool.borrow(0, id: id, for: .writing) else { return #expect(Bool(false), "expected a new session") }
        }
        #expect(isWaiting(pool.borrow(7, id: 3, for: .writing)))
        #expect(pool.counts == (lent: 2, idle: 0, waiting: 1))
        guard case .lend(100, to: 7) = pool.giveBack(100, from: .writing) else {
            return #expect(Bool(false), "expected it to be handed on")
        }
        guard case .keep = pool.giveBack(101, from: .writing) else { return #expect(Bool(false), "expected it to be kept") }
        guard case .keep = pool.giveBack(100, from: .writing) else { return #expect(Bool(false), "expected it to be kept") }
        #expect(pool.counts == (lent: 0, idle: 2, waiting: 0))
        #expect(lent(pool.borrow(0, id: 4, for: .writing)) == 100, "the one used last")
    }

    @Test func waitersAreServedInOrderUnlessTheyTimedOut() {
        var pool = Pool(limit: 1)
        _ = pool.borrow(0, id: 0, for: .writing)
        for id in 1...3 { #expect(isWaiting(pool.borrow(id * 10, id: id, for: .writing))) }
        #expect(pool.giveUp(1) == 10)
        #expect(pool.giveUp(1) == nil)
        guard case .lend(5, to: 20) = pool.giveBack(5, from: .writing) else { return #expect(Bool(false), "expected the second") }
        #expect(pool.giveUp(2) == nil, "it was served")
    }

    @Test func closingRefusesWaitersAndWaitsForLentSessions() {
        var pool = Pool(limit: 2)
        _ = pool.borrow(0, id: 0, for: .writing)
        _ = pool.borrow(0, id: 1, for: .writing)
        _ = pool.borrow(9, id: 2, for: .writing)
        _ = pool.giveUp(2)
        _ = pool.giveBack(1, from: .writing)
        let (sessions, waiters) = pool.close()
        #expect(sessions == [1])
        #expect(waiters == [])
        #expect(!pool.isDrained)
        guard case .refuse = pool.borrow(0, id: 3, for: .writing) else { return #expect(Bool(false), "expected a refusal") }
        guard case .discard = pool.giveBack(2, from: .writing) else { return #expect(Bool(false), "expected it to be closed") }
        #expect(pool.isDrained)
    }

    /// However many readers there are, writers get a session; and a session that is returned goes to a writer first.
    @Test func readersNeverGetTheSessionsReservedForWriters() {
        var pool = Pool(limit: 4)
        for id in 0..<2 {
            guard case .make = pool.borrow(0, id: id, for: .reading) else { return #expect(Bool(false), "expected a new session") }
        }
        #expect(isWaiting(pool.borrow(30, id: 3, for: .reading)))
        for id in 4..<6 {
            guard case .make = pool.borrow(0, id: id, for: .writing) else { return #expect(Bool(false), "expected a new session") }
        }
        #expect(isWaiting(pool.borrow(60, id: 6, for: .writing)))
        guard case .lend(1, to: 60) = pool.giveBack(1, from: .reading) else { return #expect(Bool(false), "expected the writer") }
        #expect(isWaiting(pool.borrow(80, id: 8, for: .reading)), "the reader that came before it waits, too")
        guard case .lend(2, to: 30) = pool.giveBack(2, from: .writing) else { return #expect(Bool(false), "expected the reader") }
        guard case .keep = pool.giveBack(3, from: .writing) else { return #expect(Bool(false), "expected readers to wait") }
        #expect(pool.counts == (lent: 3, idle: 1, waiting: 1))
        #expect(lent(pool.borrow(0, id: 9, for: .writing)) == 3)
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (4, 2), (8, 6)])
    func readersGetAShareOfTheSessions(_ limit: Int, _ readers: Int) {
        var pool = Pool(limit: limit)
        let lent = (0..<limit).prefix { !isWaiting(pool.borrow(0, id: $0, for: .reading)) }
        #expect(lent.count == readers)
    }

    @Test func aBrokenSessionCountsOnceForAllThatAreAsOld() {
        let breaks = SessionBreaks()
        for _ in 0..<8 { breaks.record(after: 0) }
        #expect(breaks.count == 1)
        breaks.record(after: 1)
        #expect(breaks.count == 2)
    }

    /// libpq accepts less than 2 GiB at once, and a batch may have 256 emails of 40 MB.
    @Test func rowsAreCopiedInPieces() {
        let rows = (0..<10).map { [DatabaseValue.integer($0), .blob(Array(repeating: 7, count: 100)), .null] }
        var whole: [[UInt8]] = []
        var pieces: [[UInt8]] = []
        #expect(
            PostgresCopy.forEachPiece(of: rows) {
                whole.append($0); return true
            })
        #expect(
            PostgresCopy.forEachPiece(of: rows, size: 200) {
                pieces.append($0); return true
            })
        #expect(whole.count == 1 && pieces.count == 6)
        #expect(Array(pieces.joined()) == whole.first)
        var calls = 0
        #expect(
            !PostgresCopy.forEachPiece(of: rows, size: 200) { _ in
                calls += 1; return false
            })
        #expect(calls == 1)
    }

    @Test(arguments: [
        ("SELECT ?1, ?12", "SELECT $1, $12"), ("SELECT 'a?1', \"b?2\", ?3", "SELECT 'a?1', \"b?2\", $3"),
        ("SELECT 'it''s ?1', ?1", "SELECT 'it''s ?1', $1"),
    ])
    func parametersAreRenumberedForPostgres(_ sql: String, _ expected: String) {
        #expect(Dialect.postgresStatement(sql) == expected)
    }
}
