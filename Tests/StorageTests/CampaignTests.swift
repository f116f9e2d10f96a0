import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct CampaignTests {
    private let clock = TestClock()

    private func insertEmail(of domain: SendingDomain, in tx: Transaction) throws {
        try tx.emails.insert(.test(of: domain, at: clock.now) { $0.externalID = "spring" }, dueAt: nil)
    }

    @Test func `A listed campaign is looked up and not inserted again`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            try await store.write { try insertEmail(of: domain, in: $0) }
            let statements = try await store.database.write { [clock] sql in
                let explaining = ExplainingTransaction(sql)
                // Of a process that knows no campaigns yet.
                let tx = Transaction(explaining, now: clock.now)
                try insertEmail(of: domain, in: tx)
                try tx.flush()
                return explaining.plans.map(\.sql).filter { $0.contains("campaigns") }
            }
            #expect(statements.count == 1 && statements.allSatisfy { $0.hasPrefix("SELECT") })
            #expect(try await store.read { try $0.campaigns.list(of: nil, after: nil, limit: 10) }.map(\.totals[.accepted]) == [2])
        }
    }

    @Test func `A campaign that this process has begun costs no statement`() async throws {
        try await withCountedStore(clock: clock) { store, database in
            let domain = try await store.makeDomain("shop.example")
            var costs: [Int] = []
            for _ in 0..<2 {
                costs.append(try await database.statements { try await store.write { try insertEmail(of: domain, in: $0) } })
            }
            // Two queries and the insertion.
            #expect(costs[1] == costs[0] - 3)
        }
    }
}
