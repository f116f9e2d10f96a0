import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// Resets that change all domains in steps, with concurrent messages, interruptions and calls.
@Suite(.timeLimit(.minutes(1)))
struct ResetStepsTests {
    private let clock = TestClock()

    /// Two nodes of one database, or one store where the engine has one writer.
    private func withNodesOfEngine(_ body: ([Store]) async throws -> Void) async throws {
        if TestEngine.chosen == .postgres {
            try await withNodes(2, clock: clock, body)
        } else {
            try await withStore(clock: clock) { try await body([$0]) }
        }
    }

    private static func makeDomains(_ count: Int, sent: Int64 = 1, in store: Store) async throws -> [SendingDomain] {
        var domains: [SendingDomain] = []
        for number in 0..<count {
            domains.append(try await store.makeDomain("d\(number).example") { $0.counters.sentThisMonth = sent })
        }
        return domains
    }

    private static func charge(_ domain: SendingDomain, in store: Store) async throws {
        try await store.write(.domain(domain.name)) { tx in
            guard var domain = try tx.domains.find(named: domain.name) else { return }
            _ = domain.admit(1, by: Gate())
            tx.domains.update(domain)
        }
    }

    /// Every admitted message is in a frozen entry or in the present count, once, and every entry is reported by one call.
    @Test func nothingIsLostOrCountedTwiceUnderLoad() async throws {
        try await withNodesOfEngine { nodes in
            let domains = try await Self.makeDomains(23, sent: 0, in: nodes[0])
            let month = clock.now.month
            let reported = try await withThrowingTaskGroup(of: [FrozenEntry].self) { group in
                for number in 0..<4 {
                    group.addTask {
                        var generator = SeededGenerator(seed: UInt64(number))
                        for _ in 0..<100 {
                            let domain = domains.randomElement(using: &generator) ?? domains[0]
                            try await Self.charge(domain, in: nodes[number % nodes.count])
                        }
                        return []
                    }
                }
                for number in 0..<2 {
                    group.addTask {
                        var frozen: [FrozenEntry] = []
                        for _ in 0..<3 { frozen += try await nodes[number % nodes.count].resetMonthly(domainsPerStep: 5).frozen }
                        return frozen
                    }
                }
                group.addTask {
                    for _ in 0..<3 {
                        let count = try await nodes[0].resetDaily(domainsPerStep: 4)
                        #expect(count == 23)
                    }
                    return []
                }
                group.addTask {
                    for number in 0..<10 {
                        try await nodes[nodes.count - 1].write(.domain(domains[number].name)) { tx in
                            guard let domain = try tx.domains.find(named: domains[number].name) else { return }
                            _ = try tx.domains.changeOwner(of: domain, to: try tx.accounts.findOrInsert(reference: "globex"))
                        }
                    }
                    return []
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let frozen = try await nodes[0].read { try $0.counters.listFrozen(of: month) }
            let present = try await nodes[0].read { try $0.domains.list(of: nil, after: nil, limit: 100) }.map(\.counters.sentThisMonth)
            #expect(frozen.reduce(0) { $0 + $1.counters.sent } + present.reduce(0, +) == 400)
            let last = try await nodes[0].resetMonthly()
            #expect(last.count == 23)
            let answers = (reported + last.frozen).reduce(0) { $0 + $1.counters.sent }
            #expect(answers == 400)
            #expect(try await nodes[0].read { try $0.counters.listFrozen(of: month) }.count == reported.count + last.frozen.count)
        }
    }

    /// The node dies after two steps.
    ///
    /// The next call continues with the third, and its answer has all entries.
    @Test func anInterruptedCallIsContinued() async throws {
        try await withNodesOfEngine { nodes in
            let domains = try await Self.makeDomains(7, in: nodes[0])
            let lease = nodes[0].lease(of: .resetCounters)
            for _ in 0..<2 { _ = try await lease.step { try $0.counters.advanceReset(.monthly, limit: 2, by: .system) } }
            #expect(try await nodes[0].read { try $0.counters.listFrozen(of: clock.now.month) }.count == 4)
            // One of them was frozen, the other one was not.
            try await Self.charge(domains[0], in: nodes[0])
            try await Self.charge(domains[6], in: nodes[0])
            clock.advance(by: JobLease.length + .seconds(1))
            let reset = try await nodes[nodes.count - 1].resetMonthly(domainsPerStep: 2)
            #expect(reset.count == 7)
            #expect(reset.frozen.map(\.counters.sent) == [1, 1, 1, 1, 1, 1, 2])
            let present = try await nodes[0].read { try $0.domains.list(of: nil, after: nil, limit: 10) }
            #expect(present.reversed().map(\.counters.sentThisMonth) == [1, 0, 0, 0, 0, 0, 0])
        }
    }

    @Test func unreportedEntriesAreReportedByTheNextCall() async throws {
        struct Lost: Error {}
        try await withNodesOfEngine { nodes in
            _ = try await Self.makeDomains(3, sent: 2, in: nodes[0])
            await #expect(throws: Lost.self) { try await nodes[0].resetMonthly(domainsPerStep: 2) { _ in throw Lost() } }
            let again = try await nodes[nodes.count - 1].resetMonthly(domainsPerStep: 2)
            #expect(again.frozen.map(\.counters.sent) == [2, 2, 2])
            #expect(try await nodes[0].resetMonthly(domainsPerStep: 2).frozen.map(\.counters.sent) == [0, 0, 0])
        }
    }

    /// The entries of an interrupted call of another month are reported, and the month that ended since is frozen too.
    @Test func aCallInterruptedInAnotherMonthIsRestarted() async throws {
        try await withNodesOfEngine { nodes in
            let domains = try await Self.makeDomains(3, in: nodes[0])
            let lease = nodes[0].lease(of: .resetCounters)
            _ = try await lease.step { try $0.counters.advanceReset(.monthly, limit: 2, by: .system) }
            try await Self.charge(domains[0], in: nodes[0])
            let month = clock.now.month
            clock.set(month.next.start + .seconds(3600))
            let reset = try await nodes[0].resetMonthly(domainsPerStep: 2)
            #expect(reset.count == 3)
            #expect(reset.frozen.map(\.counters.sent) == [1, 1, 1, 0, 1])
            #expect(reset.frozen.allSatisfy { $0.counters.month == month })
        }
    }

    /// A change of owner in the month does not mean that the previous month was frozen.
    @Test func aMonthIsFrozenAfterAChangeOfOwner() async throws {
        clock.set(clock.now.month.start + .seconds(2 * 86_400))
        try await withNodesOfEngine { nodes in
            let domain = try await Self.makeDomains(1, sent: 4, in: nodes[0])[0]
            try await nodes[0].write { tx in
                guard let found = try tx.domains.find(named: domain.name) else { return }
                _ = try tx.domains.changeOwner(of: found, to: try tx.accounts.findOrInsert(reference: "globex"))
            }
            try await Self.charge(domain, in: nodes[0])
            let frozen = try await nodes[0].resetMonthly().frozen
            #expect(frozen.map(\.counters.sent).sorted() == [1, 4])
            #expect(Set(frozen.map(\.accountReference)) == ["acme", "globex"])
        }
    }

    @Test func theSchedulerRollsInStepsOnceADay() async throws {
        try await withNodesOfEngine { nodes in
            _ = try await Self.makeDomains(5, sent: 3, in: nodes[0])
            let month = clock.now.month
            clock.set(month.next.start)
            // Another holder has begun, and has died or is slow: its lease keeps others out.
            let lease = nodes[0].lease(of: .rollCounters)
            let end = try await lease.step { try $0.counters.rollBlock(after: 0, limit: 2) }
            #expect(end != nil)
            #expect(try await nodes[nodes.count - 1].rollCounters(domainsPerStep: 2) == .isElsewhere)
            await lease.release()
            #expect(try await nodes[nodes.count - 1].rollCounters(domainsPerStep: 2) == .done)
            #expect(try await nodes[0].rollCounters(domainsPerStep: 2) == .wasDone)
            #expect(try await nodes[0].read { try $0.counters.listFrozen(of: month) }.map(\.counters.sent) == [3, 3, 3, 3, 3])
        }
    }

    @Test func everyColumnOfTheCountersIsWritten() async throws {
        try await withNodesOfEngine { nodes in
            let now = clock.now
            let made = try await nodes[0].makeDomain("full.example") { domain in
                domain.counters.sentToday = 3
                domain.counters.sentThisMonth = 4
                domain.counters.bounces = 1
                domain.counters.complaints = 2
                domain.counters.history = DailyHistory(entries: [.init(day: CalendarDay(number: now.day.number - 1), sent: 9)])
                domain.counters.reactivation = .init(sent: 1, bounces: 1)
            }
            _ = try await nodes[0].makeDomain("other.example")
            #expect(try await nodes[0].resetDaily() == 2)
            var expected = made
            expected.counters.startDay(now.day)
            #expect(try await nodes[0].read { try $0.domains.find(named: made.name) } == expected)
            _ = try await nodes[0].resetMonthly()
            _ = expected.counters.startMonth(now.month, at: now)
            #expect(try await nodes[0].read { try $0.domains.find(named: made.name) } == expected)
        }
    }
}
