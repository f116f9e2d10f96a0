import Testing

@testable import DatabasePostgres

/// Sessions and waiters are numbers here.
struct PoolStateTests {
    private typealias Pool = PoolState<Int, Int>

    private func lent(_ borrowing: Pool.Borrowing) -> Int? {
        if case .lend(let session) = borrowing { session } else { nil }
    }

    private func isWaiting(_ borrowing: Pool.Borrowing) -> Bool {
        if case .wait = borrowing { true } else { false }
    }

    @Test func sessionsAreMadeUpToTheLimitAndUsedAgain() {
        var pool = Pool(limit: 2)
        for id in 1...2 {
            guard case .make = pool.borrow(0, id: id) else { return #expect(Bool(false), "expected a new session") }
        }
        #expect(isWaiting(pool.borrow(7, id: 3)))
        #expect(pool.counts == (lent: 2, idle: 0, waiting: 1))
        guard case .lend(100, to: 7) = pool.giveBack(100) else { return #expect(Bool(false), "expected it to be handed on") }
        guard case .keep = pool.giveBack(101) else { return #expect(Bool(false), "expected it to be kept") }
        guard case .keep = pool.giveBack(100) else { return #expect(Bool(false), "expected it to be kept") }
        #expect(pool.counts == (lent: 0, idle: 2, waiting: 0))
        #expect(lent(pool.borrow(0, id: 4)) == 100, "the one used last")
    }

    @Test func waitersAreServedInTheirOrderUnlessTheyGaveUp() {
        var pool = Pool(limit: 1)
        _ = pool.borrow(0, id: 0)
        for id in 1...3 { #expect(isWaiting(pool.borrow(id * 10, id: id))) }
        #expect(pool.giveUp(1) == 10)
        #expect(pool.giveUp(1) == nil)
        guard case .lend(5, to: 20) = pool.giveBack(5) else { return #expect(Bool(false), "expected the second") }
        #expect(pool.giveUp(2) == nil, "it was served")
    }

    @Test func closingRefusesWaitersAndWaitsForWhatIsLent() {
        var pool = Pool(limit: 2)
        _ = pool.borrow(0, id: 0)
        _ = pool.borrow(0, id: 1)
        _ = pool.borrow(9, id: 2)
        _ = pool.giveUp(2)
        _ = pool.giveBack(1)
        let (sessions, waiters) = pool.close()
        #expect(sessions == [1])
        #expect(waiters == [])
        #expect(!pool.isDrained)
        guard case .refuse = pool.borrow(0, id: 3) else { return #expect(Bool(false), "expected a refusal") }
        guard case .discard = pool.giveBack(2) else { return #expect(Bool(false), "expected it to be closed") }
        #expect(pool.isDrained)
    }

    @Test(arguments: [
        ("SELECT ?1, ?12", "SELECT $1, $12"), ("SELECT 'a?1', \"b?2\", ?3", "SELECT 'a?1', \"b?2\", $3"),
        ("SELECT 'it''s ?1', ?1", "SELECT 'it''s ?1', $1"),
    ])
    func parametersAreNumberedAsPostgresWantsThem(_ sql: String, _ expected: String) {
        #expect(numberedParameters(sql) == expected)
    }
}
