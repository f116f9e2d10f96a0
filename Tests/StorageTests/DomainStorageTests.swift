import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DomainStorageTests {
    @Test func everyFieldOfADomainIsStored() async throws {
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
            #expect(try await store.read { try $0.domains.find(named: name) } == made)
        }
    }

    @Test func aLimitHoldsUnderConcurrency() async throws {
        try await withStore { store in
            let name = try await store.makeDomain("hot.example", configure: { $0.outbound.dailyLimit = 100 }).name
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<400 {
                    group.addTask {
                        try await store.write { tx in
                            guard var domain = try tx.domains.find(named: name) else { return false }
                            let decision = domain.admit(1, by: Gate())
                            tx.domains.update(domain)
                            return decision.allowed
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 100)
            #expect(try await store.read { try $0.domains.find(named: name) }?.counters.sentToday == 100)
        }
    }

    @Test func aFailingCommandOfABatchLosesNoCounts() async throws {
        struct Refused: Error {}
        try await withStore { store in
            let name = try await store.makeDomain("shared.example").name
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try? await store.write { tx in
                            guard var domain = try tx.domains.find(named: name) else { return }
                            _ = domain.admit(1, by: Gate())
                            tx.domains.update(domain)
                            if number % 10 == 0 { throw Refused() }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.read { try $0.domains.find(named: name) }?.counters.sentToday == 90)
        }
    }

    @Test func namesAreUniqueAmongLiveDomains() async throws {
        try await withStore { store in
            let first = try await store.makeDomain("one.example")
            let second = try await store.write {
                try $0.domains.insert(first.name, accountID: first.accountID, outbound: OutboundConfiguration())
            }
            #expect(second == nil)
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: first.name) else { return }
                domain.deletedAt = tx.now
                tx.domains.update(domain)
            }
            #expect(try await store.read { try $0.domains.find(named: first.name) } == nil)
            #expect(try await store.makeDomain("one.example").id != first.id)
        }
    }

    private func delete(_ name: DomainName, in tx: Transaction) throws {
        var domain = try #require(try tx.domains.find(named: name))
        domain.deletedAt = tx.now
        tx.domains.update(domain)
    }

    @Test func `A domain that a transaction has deleted is absent from then on`() async throws {
        try await withStore { store in
            let name = try await store.makeDomain("gone.example").name
            let found = try await store.write { tx in
                try delete(name, in: tx)
                return try tx.domains.find(named: name)
            }
            #expect(found == nil)
            #expect(try await store.read { try $0.domains.find(named: name) } == nil)
        }
    }

    @Test func `A domain can be deleted and inserted in one transaction`() async throws {
        try await withStore { store in
            let first = try await store.makeDomain("again.example") { $0.counters.sentThisMonth = 5 }
            let second = try await store.write { tx in
                try delete(first.name, in: tx)
                return try tx.domains.insert(first.name, accountID: first.accountID, outbound: OutboundConfiguration())
            }
            #expect(second != nil && second?.id != first.id)
            #expect(try await store.read { try $0.domains.find(named: first.name) } == second)
            let deleted = try await store.write { try $0.domains.find(first.id) }
            #expect(deleted?.deletedAt == store.now && deleted?.counters.sentThisMonth == 5)
        }
    }

    /// Late bounces still count for a deleted domain.
    @Test func `A change of a domain deleted earlier does not hide the live one of its name`() async throws {
        try await withStore { store in
            let first = try await store.makeDomain("again.example")
            try await store.write { try delete(first.name, in: $0) }
            let second = try await store.makeDomain("again.example")
            let found = try await store.write { tx in
                var deleted = try #require(try tx.domains.find(first.id))
                deleted.counters.lateBounces += 1
                tx.domains.update(deleted)
                return try tx.domains.find(named: first.name)
            }
            #expect(found?.id == second.id)
        }
    }

    @Test func `An unknown name costs one statement in a transaction`() async throws {
        try await withCountedStore { store, database in
            let name = DomainName(validated: "unknown.example")
            let cost = try await database.statements {
                let found = try await store.write(.domain(name)) { tx in
                    try [tx.domains.find(named: name), tx.domains.find(named: name)].compactMap(\.self)
                }
                #expect(found.isEmpty)
            }
            #expect(cost == 1)
        }
    }

    @Test(.enabled(if: TestEngine.chosen == .postgres, "needs scripts/with-postgres"))
    func `A name that another node has inserted meanwhile is found after a refused insertion`() async throws {
        try await withNodes(2) { nodes in
            let account = try await nodes[0].makeDomain("other.example").accountID
            let name = DomainName(validated: "race.example")
            let (looked, didLook) = AsyncStream.makeStream(of: Void.self)
            let inserted = BlockingLatch()
            async let found = nodes[0].write { tx in
                #expect(try tx.domains.find(named: name) == nil)
                didLook.finish()
                inserted.wait()
                #expect(try tx.domains.insert(name, accountID: account, outbound: OutboundConfiguration()) == nil)
                return try tx.domains.find(named: name)
            }
            for await _ in looked {}
            let other = try await nodes[1].makeDomain("race.example")
            inserted.release()
            #expect(try await found?.id == other.id)
        }
    }

    /// The batch is run again, each command by itself, and first its locks are taken again.
    @Test func `A month is frozen once, also when a command of its batch fails`() async throws {
        struct Refused: Error {}
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let month = clock.now.month
            let name = try await store.makeDomain("month.example") { $0.counters.sentThisMonth = 7 }.name
            clock.set(month.next.start)
            await #expect(throws: Refused.self) { try await store.write(.domain(name)) { _ in throw Refused() } }
            try await store.write(.domain(name)) { _ = try $0.domains.find(named: name) }
            #expect(try await store.read { try $0.counters.listFrozen(of: month) }.map(\.counters.sent) == [7])
        }
    }

    @Test func aMonthThatEndedIsFrozenBeforeTheNewOneCounts() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let month = clock.now.month
            let name = try await store.makeDomain(
                "month.example",
                configure: { domain in
                    domain.counters.sentThisMonth = 7
                    domain.counters.sentToday = 7
                }
            ).name
            clock.set(month.next.start + .seconds(5))
            #expect(try await store.read { try $0.domains.find(named: name) }?.counters.sentThisMonth == 0)
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: name) else { return }
                _ = domain.admit(1, by: Gate())
                tx.domains.update(domain)
            }
            let frozen = try await store.read { try $0.counters.listFrozen(of: month) }
            #expect(frozen.map(\.counters.sent) == [7])
            // The reset at midnight comes a little later: it reports the month that ended and leaves the new one as it is.
            let reset = try await store.resetMonthly()
            #expect(reset.frozen.map(\.counters.sent) == [7])
            #expect(reset.count == 1)
            #expect(try await store.read { try $0.domains.find(named: name) }?.counters.sentThisMonth == 1)
        }
    }

    @Test func resetsWithinAMonthFreezeItsCounts() async throws {
        try await withStore { store in
            let month = store.now.month
            let name = try await store.makeDomain(
                "reset.example",
                configure: { domain in
                    domain.counters.sentThisMonth = 5
                    domain.counters.bounces = 1
                }
            ).name
            let first = try await store.resetMonthly()
            #expect(first.frozen.map(\.counters) == [FrozenCounters(month: month, sent: 5, bounces: 1, complaints: 0)])
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: name) else { return }
                _ = domain.admit(3, by: Gate())
                tx.domains.update(domain)
            }
            let second = try await store.resetMonthly()
            #expect(second.frozen.map(\.counters.sent) == [3])
            #expect(try await store.read { try $0.counters.listFrozen(of: month) }.map(\.counters.sent) == [5, 3])
        }
    }

    @Test func dailyResetsCountEveryDomain() async throws {
        try await withStore { store in
            let name = try await store.makeDomain("a.example", configure: { $0.counters.sentToday = 5 }).name
            _ = try await store.makeDomain("b.example")
            #expect(try await store.resetDaily() == 2)
            #expect(try await store.read { try $0.domains.find(named: name) }?.counters.sentToday == 0)
        }
    }

    @Test func aPeriodIsClaimedOnce() async throws {
        try await withStore { store in
            let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await store.write { try $0.scheduledRuns.claim("reset-daily", period: "2026-06-15") } }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(claims == 1)
        }
    }
}
