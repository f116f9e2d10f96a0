import MailModel
import Storage
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(1)))
struct ResetTests {
    private let beforeMidnight = Timestamp(rfc3339: "2026-06-30T23:50:00Z") ?? Timestamp(milliseconds: 0)

    @Test
    func `the bill of a month is the sum of its freezes`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("a.example")
            _ = try await store.makeDomain("b.example")
            for count in [5, 7] as [Int64] {
                _ = try await service.increment("a.example", by: count, principal: .master)
                clock.advance(by: .seconds(60))
                let reset = try await service.resetMonthly()
                #expect(reset.count == 2)
                #expect(reset.frozen.map(\.counters.sent) == [count, 0])
            }
            let bill = try await service.billing(of: clock.now.month)
            #expect(bill.domains.map(\.counters.sent) == [12, 0])
            #expect(bill.domains.map(\.name.description) == ["a.example", "b.example"])
            #expect(bill.freezes.count == 2)
        }
    }

    @Test
    func `the scheduler freezes domains that were not read, once for all nodes`() async throws {
        let clock = TestClock(beforeMidnight)
        try await withStore(clock: clock) { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("a.example")
            _ = try await service.increment("a.example", by: 5, principal: .master)
            let scheduler = ResetScheduler(store: store, logger: silent)
            #expect(await scheduler.round() == .seconds(600))
            clock.advance(by: .seconds(600))
            _ = await scheduler.round()
            _ = await ResetScheduler(store: store, logger: silent).round()
            let bill = try await service.billing(of: beforeMidnight.month)
            #expect(bill.domains.map(\.counters.sent) == [5])
            #expect(bill.freezes == [clock.now])
            #expect(try await service.find("a.example", by: .master).counters.sentThisMonth == 0)
        }
    }

    /// Four nodes count and reset over the end of a month, each in its own transactions.
    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"))
    func `four nodes at midnight freeze every month once and lose no count`() async throws {
        let clock = TestClock(beforeMidnight + .seconds(599))
        try await withNodes(4, clock: clock) { nodes in
            for name in ["a.example", "b.example", "c.example"] { _ = try await nodes[0].makeDomain(name) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, node) in nodes.enumerated() {
                    group.addTask {
                        let service = DomainService(store: node, gate: Gate(), defaults: .init())
                        for step in 0..<60 {
                            // The first node sets the clock of all to midnight.
                            if step == 30 { clock.set(beforeMidnight + .seconds(600)) }
                            if step % 10 == number { _ = await ResetScheduler(store: node, logger: silent).round() }
                            let name = ["a.example", "b.example", "c.example"][(step + number) % 3]
                            _ = try await service.increment(name, by: 1, principal: .master)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for node in nodes { _ = await ResetScheduler(store: node, logger: silent).round() }
            let service = DomainService(store: nodes[0], gate: Gate(), defaults: .init())
            let june = try await nodes[0].read { try $0.counters.listFrozen(of: beforeMidnight.month) }
            #expect(june.map(\.name.description).sorted() == ["a.example", "b.example", "c.example"])
            let july = try await service.list(by: .master, after: nil, limit: 10)
            #expect(june.reduce(0) { $0 + $1.counters.sent } + july.reduce(0) { $0 + $1.counters.sentThisMonth } == 240)
            #expect(july.allSatisfy { $0.counters.sentToday == $0.counters.sentThisMonth })
        }
    }

    @Test
    func `a late scheduler keeps what was counted since midnight`() async throws {
        let clock = TestClock(beforeMidnight)
        try await withStore(clock: clock) { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("a.example")
            _ = try await service.increment("a.example", by: 5, principal: .master)
            clock.advance(by: .seconds(3600))
            _ = try await service.increment("a.example", by: 2, principal: .master)
            _ = await ResetScheduler(store: store, logger: silent).round()
            let domain = try await service.find("a.example", by: .master)
            #expect(domain.counters.sentToday == 2)
            #expect(domain.counters.sentThisMonth == 2)
            #expect(try await service.billing(of: beforeMidnight.month).domains.map(\.counters.sent) == [5])
            // The operator's call later that day still reports the month, and keeps the counts of the new one.
            let reset = try await service.resetMonthly()
            #expect(reset.frozen.map(\.counters.sent) == [5])
            #expect(try await service.find("a.example", by: .master).counters.sentThisMonth == 2)
        }
    }

    @Test
    func `the scheduler waits for midnight`() async throws {
        let clock = TestClock(Timestamp(milliseconds: (beforeMidnight + .seconds(480)).milliseconds))
        try await withStore(clock: clock) { store in
            await #expect(ResetScheduler(store: store, logger: silent).round() == .seconds(120))
        }
    }

    @Test
    func `a reset of the day clears its count`() async throws {
        try await withStore { store in
            let service = DomainService(store: store, gate: Gate(), defaults: .init())
            _ = try await store.makeDomain("a.example")
            _ = try await service.increment("a.example", by: 5, principal: .master)
            #expect(try await service.resetDaily(by: .master) == 1)
            let counters = try await service.find("a.example", by: .master).counters
            #expect(counters.sentToday == 0)
            #expect(counters.sentThisMonth == 5)
        }
    }

    /// A round that finds the day done just before midnight, and ends just after it, must not sleep past the beginning of the new day.
    @Test(arguments: [(-600_001, -600_001, 600_000), (-1000, -400, 400), (-1, 0, 0), (-1, 5, 0), (0, 1, 600_000)])
    func `the next round is at the midnight after the start of this one`(_ start: Int64, _ end: Int64, _ pause: Int64) {
        let midnight = beforeMidnight.day.next.start
        #expect(
            ResetScheduler.pause(after: midnight + .milliseconds(start), at: midnight + .milliseconds(end)) == .milliseconds(pause))
    }
}
