import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DomainStorageTests {
    @Test func everyFieldOfADomainComesBack() async throws {
        try await withStore { store in
            let now = store.now
            let made = try await store.makeDomain("full.example") { domain in
                domain.outbound.tier = .dedicated
                domain.outbound.enforcement = .soft
                domain.outbound.dailyLimit = 10
                domain.outbound.monthlyLimit = 20
                domain.outbound.warmupProfile = .standard
                domain.outbound.warmupStartedOn = now.day
                domain.outbound.spikeMaxMultiplier = 2.5
                domain.suspend(reason: "because", at: now)
                domain.counters.sentToday = 3
                domain.counters.sentThisMonth = 4
                domain.counters.bounces = 1
                domain.counters.complaints = 2
                domain.counters.history = DailyHistory(entries: [.init(day: CalendarDay(number: now.day.number - 1), sent: 9)])
                domain.counters.reactivation = .init(sent: 1, bounces: 1)
                domain.counters.periodStartedAt = now - .seconds(5)
                domain.counters.lateBounces = 1
                domain.counters.closedPeriods = [
                    ClosedPeriod(start: nil, end: now - .seconds(9), sent: 7, bounces: 1),
                    ClosedPeriod(
                        start: now - .seconds(9), end: now - .seconds(5), sent: 8, bounces: 2, reactivation: .init(sent: 3, bounces: 1)),
                ]
                domain.verification.requestedAt = now
            }
            let name = made.name
            #expect(try await store.read { try $0.domain(named: name) } == made)
        }
    }

    @Test func aLimitHoldsUnderConcurrency() async throws {
        try await withStore { store in
            let name = try await store.makeDomain("hot.example", configure: { $0.outbound.dailyLimit = 100 }).name
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<400 {
                    group.addTask {
                        try await store.write { context in
                            guard var domain = try context.domain(named: name) else { return false }
                            let decision = domain.admit(1, by: Gate())
                            context.save(domain)
                            return decision.allowed
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 100)
            #expect(try await store.read { try $0.domain(named: name) }?.counters.sentToday == 100)
        }
    }

    @Test func aFailingNeighbourLosesNobodysCount() async throws {
        struct Refused: Error {}
        try await withStore { store in
            let name = try await store.makeDomain("shared.example").name
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try? await store.write { context in
                            guard var domain = try context.domain(named: name) else { return }
                            _ = domain.admit(1, by: Gate())
                            context.save(domain)
                            if number % 10 == 0 { throw Refused() }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.read { try $0.domain(named: name) }?.counters.sentToday == 90)
        }
    }

    @Test func namesAreUniqueAmongLiveDomains() async throws {
        try await withStore { store in
            let first = try await store.makeDomain("one.example")
            let second = try await store.write {
                try $0.createDomain(first.name, accountID: first.accountID, outbound: OutboundConfiguration())
            }
            #expect(second == nil)
            try await store.write { context in
                guard var domain = try context.domain(named: first.name) else { return }
                domain.deletedAt = context.now
                context.save(domain)
            }
            #expect(try await store.read { try $0.domain(named: first.name) } == nil)
            #expect(try await store.makeDomain("one.example").id != first.id)
        }
    }

    @Test func aMonthThatEndedIsFrozenBeforeAnythingCounts() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let month = clock.now.month
            let name = try await store.makeDomain(
                "month.example",
                configure: {
                    $0.counters.sentThisMonth = 7; $0.counters.sentToday = 7
                }
            ).name
            clock.set(month.next.start + .seconds(5))
            #expect(try await store.read { try $0.domain(named: name) }?.counters.sentThisMonth == 0)
            try await store.write { context in
                guard var domain = try context.domain(named: name) else { return }
                _ = domain.admit(1, by: Gate())
                context.save(domain)
            }
            let frozen = try await store.read { try $0.frozenEntries(of: month) }
            #expect(frozen.map(\.counters.sent) == [7])
            // The cron job of midnight comes a little later: it reports the month that ended and leaves the new one alone.
            let reset = try await store.resetMonthly()
            #expect(reset.frozen.map(\.counters.sent) == [7])
            #expect(reset.count == 1)
            #expect(try await store.read { try $0.domain(named: name) }?.counters.sentThisMonth == 1)
        }
    }

    @Test func resetsWithinAMonthFreezeWhatWasCountedSoFar() async throws {
        try await withStore { store in
            let month = store.now.month
            let name = try await store.makeDomain(
                "reset.example",
                configure: {
                    $0.counters.sentThisMonth = 5; $0.counters.bounces = 1
                }
            ).name
            let first = try await store.resetMonthly()
            #expect(first.frozen.map(\.counters) == [FrozenCounters(month: month, sent: 5, bounces: 1, complaints: 0)])
            try await store.write { context in
                guard var domain = try context.domain(named: name) else { return }
                _ = domain.admit(3, by: Gate())
                context.save(domain)
            }
            let second = try await store.resetMonthly()
            #expect(second.frozen.map(\.counters.sent) == [3])
            #expect(try await store.read { try $0.frozenEntries(of: month) }.map(\.counters.sent) == [5, 3])
        }
    }

    @Test func dailyResetsCountEveryDomain() async throws {
        try await withStore { store in
            let name = try await store.makeDomain("a.example", configure: { $0.counters.sentToday = 5 }).name
            _ = try await store.makeDomain("b.example")
            #expect(try await store.resetDaily() == 2)
            #expect(try await store.read { try $0.domain(named: name) }?.counters.sentToday == 0)
        }
    }

    @Test func aPeriodIsClaimedOnce() async throws {
        try await withStore { store in
            let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await store.write { try $0.claimRun(of: "reset-daily", period: "2026-06-15") } } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(claims == 1)
        }
    }
}
