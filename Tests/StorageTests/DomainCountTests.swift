import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// A count writes the columns that it changes.
@Suite(.timeLimit(.minutes(1)))
struct DomainCountTests {
    private let clock = TestClock()

    /// A change, and whether it is a count alone.
    enum Change: CaseIterable {
        case count, suspension, bounce, name, quota

        var isCountAlone: Bool { self == .count }

        func apply(to domain: inout SendingDomain, at time: Timestamp) {
            domain.counters.sentToday += 2
            domain.counters.sentThisMonth += 3
            domain.admitted += 2
            switch self {
            case .count: break
            case .suspension: domain.suspend(reason: "spam", at: time)
            case .bounce: domain.counters.bounces += 1
            case .name: domain.fromName = "new"
            case .quota: domain.hasAccountQuota = true
            }
        }
    }

    /// The column that is changed behind the cache is overwritten by a row that is written whole.
    @Test(arguments: Change.allCases)
    func `a count alone leaves the other columns`(change: Change) async throws {
        try await withCountedStore(clock: clock) { store, _ in
            let made = try await store.makeDomain("a.example")
            try await store.write { tx in
                var domain = try #require(try tx.domains.find(made.id))
                try tx.sql.execute("UPDATE domains SET tier = 'dedicated' WHERE id = ?1", [.integer(domain.id)])
                change.apply(to: &domain, at: tx.now)
                tx.domains.update(domain)
            }
            let domain = try #require(try await store.read { try $0.domains.find(named: made.name) })
            #expect(domain.counters.sentToday == 2)
            #expect(domain.counters.sentThisMonth == 3)
            #expect((domain.outbound.tier == .dedicated) == change.isCountAlone)
            #expect((domain.outbound.status == .suspended) == (change == .suspension))
            #expect(domain.counters.bounces == (change == .bounce ? 1 : 0))
            #expect(domain.fromName == (change == .name ? "new" : nil))
        }
    }

    /// The first count of a day writes the day and the history with it, and later ones of the same transaction the count.
    @Test func `a day that ended is written with the first count of the next`() async throws {
        try await withCountedStore(clock: clock) { store, _ in
            let made = try await store.makeDomain("a.example") { $0.counters.sentToday = 7 }
            clock.advance(by: .seconds(86_400))
            try await store.write { tx in
                for _ in 0..<3 {
                    var domain = try #require(try tx.domains.find(made.id))
                    domain.counters.sentToday += 1
                    domain.admitted += 1
                    tx.domains.update(domain)
                    try tx.flush()
                }
            }
            let row = try await store.write { tx in
                try tx.sql.first("SELECT day, sent_today, history FROM domains WHERE id = ?1", [.integer(made.id)]) {
                    [String($0.integer(0)), String($0.integer(1)), $0.text(2)]
                }
            }
            let day = clock.now.day.number
            #expect(row == [String(day), "3", "\(day - 1):7"])
        }
    }
}
