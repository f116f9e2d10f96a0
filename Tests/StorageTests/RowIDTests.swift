import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

struct RowIDTests {
    private let clock = TestClock()

    @Test func `ids rise, are exact in JSON, and are not consecutive`() {
        let ids = RowIDs()
        var last: Int64 = 0
        var steps: Set<Int64> = []
        for number in 0..<20_000 {
            if number.isMultiple(of: 7) { clock.advance(by: .milliseconds(1)) }
            let id = ids.next(at: clock.now, lane: RowIDs.lane())
            #expect(id > last && id < 1 << 53)
            steps.insert(id - last)
            last = id
        }
        #expect(!steps.contains(1) && steps.count > 100)
    }

    /// Also while the clock is set back, and at the end of the century.
    @Test(arguments: [-3_600_000, 0, 2_000_000_000_000])
    func `ids rise whatever the clock says`(milliseconds: Int) {
        let ids = RowIDs()
        let before = ids.next(at: clock.now, lane: 63)
        let after = ids.next(at: clock.now + .milliseconds(milliseconds), lane: 0)
        #expect(after > before && after < 1 << 53)
    }

    /// Ids tell nothing about how many rows others have made in between.
    @Test func `what a customer sees does not count the rows of others`() {
        let ids = RowIDs()
        var differences: Set<Int64> = []
        for others in [0, 0, 0, 3, 3, 3] {
            let first = ids.next(at: clock.now, lane: RowIDs.lane())
            clock.advance(by: .milliseconds(10))
            for _ in 0..<others { _ = ids.next(at: clock.now, lane: RowIDs.lane()) }
            clock.advance(by: .milliseconds(10))
            differences.insert((ids.next(at: clock.now, lane: RowIDs.lane()) - first) >> 12)
        }
        // Twenty milliseconds, give or take the random bits.
        #expect(differences.isSubset(of: [19, 20, 21]))
    }

    /// Two nodes in the same millisecond make the same ids now and then: the command is run again with others.
    @Test(arguments: TestEngine.available)
    func `nodes at the same moment never fail by their ids`(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { database in
            let now = clock.now
            let nodes = (0..<3).map { _ in Store(database, largestBatch: 4, clock: { now }) }
            try await nodes[0].migrate()
            let account = try await nodes[0].write { try $0.accounts.findOrInsert(reference: "acme") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, node) in nodes.enumerated() {
                    for index in 0..<600 {
                        let address = EmailAddress(validated: "r\(index)@n\(number).example")
                        group.addTask {
                            try await node.write { tx in
                                _ = try tx.suppressions.insert(
                                    SuppressionEntry(address: address, sender: nil, reason: .manual), accountID: account.id, source: .api)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let ids = try await database.read { try $0.query("SELECT id FROM suppressions", []) { $0.integer(0) } }
            #expect(ids.count == 1800 && Set(ids).count == 1800)
        }
    }

    /// Rows of an earlier version keep their numbers, and stand behind in every list.
    @Test(arguments: TestEngine.available)
    func `new rows follow those of earlier versions`(_ engine: TestEngine) async throws {
        try await withDatabase(engine) { database in
            let now = clock.now
            let store = Store(database, clock: { now })
            try await store.migrate()
            let first = try await store.makeDomain("first.example")
            _ = try await database.write { try $0.execute("UPDATE domains SET id = 1 WHERE id = ?1", [.integer(first.id)]) }
            let names = ["second.example", "third.example", "fourth.example"]
            for name in names { _ = try await store.makeDomain(name) }
            let listed = try await store.read { try $0.domains.list(of: nil, after: nil, limit: 10) }
            #expect(listed.map(\.name.description) == names.reversed() + ["first.example"])
            let rest = try await store.read { [id = listed[1].id] in try $0.domains.list(of: nil, after: id, limit: 10) }
            #expect(rest.map(\.name.description) == ["second.example", "first.example"])
        }
    }
}
