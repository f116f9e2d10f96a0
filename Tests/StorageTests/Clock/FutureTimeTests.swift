import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// What a clock that was 60 days ahead has written.
@Suite(.timeLimit(.minutes(1)))
struct FutureTimeTests {
    private static let ahead: Duration = .seconds(60 * 86_400)

    private func email(of domain: SendingDomain, at time: Timestamp, status: EmailStatus = .queued) -> Email {
        .test(of: domain, at: time) { email in
            email.status = status
            email.content.callbacks = ["https://hook.example/a"]
        }
    }

    private func answer(of email: Email) -> FirstAnswer {
        FirstAnswer(emailID: email.id, status: email.status, note: nil, transactionID: "", time: email.createdAt)
    }

    private func bringBack(_ kind: FutureTime, in store: Store) async throws -> Int {
        guard try await store.read({ try $0.futureTimes.contains(kind) }) else { return 0 }
        return try await store.write { try $0.futureTimes.bringBack(kind, limit: 500) }
    }

    @Test func `Nothing of the present is brought back`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example") { $0.outbound.warmupStartedOn = clock.now.day }
            let emails = [email(of: domain, at: clock.now), email(of: domain, at: clock.now, status: .scheduled)]
            try await store.write { tx in
                try tx.emails.insert(emails[0], dueAt: clock.now + .seconds(4000))
                try tx.emails.insert(emails[1], dueAt: clock.now + Self.ahead)
                tx.reputation.countSent(3, of: domain.accountID)
                _ = try tx.idempotencyKeys.insert(
                    "k", accountID: domain.accountID, fingerprint: [1], answer: answer(of: emails[0]), within: .seconds(86_400))
            }
            for kind in FutureTime.allCases { #expect(try await bringBack(kind, in: store) == 0, "\(kind)") }
        }
    }

    @Test func `Leases and retries of emails end, and an attempt under way waits for its outcome`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            let queued = email(of: domain, at: clock.now)
            let claimed = email(of: domain, at: clock.now)
            try await store.write { try $0.emails.insert(claimed, dueAt: present) }
            clock.advance(by: Self.ahead)
            func claim(by node: String) async throws -> [EmailID] {
                try await store.write { try TestClaim(owner: node, grace: .seconds(120)).run(in: $0) }.map(\.id)
            }
            #expect(try await claim(by: "ahead") == [claimed.id])
            try await store.write { try $0.emails.insert(queued, dueAt: clock.now) }
            clock.set(present)
            #expect(try await claim(by: "right") == [])
            #expect(try await bringBack(.emails, in: store) == 2)
            #expect(try await claim(by: "right") == [queued.id])
            clock.advance(by: .seconds(121))
            #expect(try await claim(by: "right").contains(claimed.id))
        }
    }

    @Test func `Callbacks that wait become due, and so do their receivers`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            clock.advance(by: Self.ahead)
            let made = email(of: domain, at: clock.now)
            try await store.write { tx in
                try tx.emails.insert(made, dueAt: nil)
                try tx.emails.recordEvent(on: made.id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
            }
            clock.set(present)
            let rules = CallbackClaimRules(owner: "right")
            #expect(try await store.write { try $0.callbacks.claim(rules, limit: 10, underWay: [:]) }.claims.isEmpty)
            #expect(try await bringBack(.callbacks, in: store) == 1)
            #expect(try await bringBack(.receivers, in: store) == 0)
            #expect(try await store.write { try $0.callbacks.claim(rules, limit: 10, underWay: [:]) }.claims.count == 1)
        }
    }

    @Test func `Checks, warm-up, keys, reputation and reviews go on`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            clock.advance(by: Self.ahead)
            let domain = try await store.makeDomain("acme.example") { $0.outbound.warmupStartedOn = clock.now.day }
            let made = email(of: domain, at: clock.now)
            try await store.write { tx in
                _ = try tx.idempotencyKeys.insert(
                    "k", accountID: domain.accountID, fingerprint: [1], answer: answer(of: made), within: .seconds(86_400))
                tx.reputation.countSent(3, of: domain.accountID)
                try tx.reputation.restartWindow(of: domain.accountID)
                tx.reputation.countSent(2, of: domain.accountID)
            }
            clock.set(present)
            try await store.write { tx in tx.reputation.countSent(4, of: domain.accountID) }
            #expect(try await bringBack(.domains, in: store) == 1)
            #expect(try await bringBack(.idempotencyKeys, in: store) == 1)
            #expect(try await bringBack(.reputationDays, in: store) == 1)
            #expect(try await bringBack(.reviews, in: store) == 1)
            let found = try #require(try await store.read { try $0.domains.find(named: domain.name) })
            #expect(found.verification.checkedAt == nil)
            #expect(found.outbound.warmupStartedOn == present.day)
            try await store.write { tx in tx.reputation.countSent(7, of: domain.accountID) }
            let window = try await store.read { try $0.reputation.window(of: domain.accountID) }
            #expect(window.counts.sent == 7)
            #expect(window.since == present)
            clock.advance(by: .seconds(86_401))
            let use = try await store.write { try $0.idempotencyKeys.find("k", accountID: domain.accountID, within: .seconds(86_400)) }
            #expect(use == nil)
            for kind in FutureTime.allCases { #expect(try await bringBack(kind, in: store) == 0, "\(kind)") }
        }
    }

    @Test func `A scheduled job that a clock ahead has claimed runs when its day comes`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            for time in [present + Self.ahead, present, present + Self.ahead] {
                clock.set(time)
                let day = time.day.start.description
                let first = try await store.write { try $0.scheduledRuns.claim("roll", period: day) }
                let second = try await store.write { try $0.scheduledRuns.claim("roll", period: day) }
                #expect(first && !second)
            }
        }
    }

    @Test func `Counters of a domain come back, are billed once, and the limit holds`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example") { domain in
                domain.outbound.dailyLimit = 10
                domain.outbound.monthlyLimit = 40
                domain.counters.sentThisMonth = 20
            }
            func admit(_ count: Int) async throws -> Int {
                try await store.write { tx in
                    var allowed = 0
                    for _ in 0..<count {
                        guard var domain = try tx.domains.find(named: domain.name) else { break }
                        if domain.admit(1, by: Gate()).allowed { allowed += 1 }
                        tx.domains.update(domain)
                    }
                    return allowed
                }
            }
            #expect(try await admit(7) == 7)
            clock.advance(by: Self.ahead)
            #expect(try await admit(2) == 2)
            #expect(try await store.read { try $0.counters.listFrozen(of: present.month) }.map(\.counters.sent) == [27])
            clock.set(present)
            #expect(try await admit(13) == 1)
            let now = try #require(try await store.read { try $0.domains.find(named: domain.name) })
            #expect((now.counters.sentToday, now.counters.sentThisMonth) == (10, 30))
            #expect(try await store.read { try $0.counters.listFrozen(of: present.month) }.isEmpty)
            clock.set(present.month.next.start)
            _ = try await admit(1)
            #expect(try await store.read { try $0.counters.listFrozen(of: present.month) }.map(\.counters.sent) == [30])
        }
    }

    @Test func `What a clock ahead has frozen and reported stays frozen, and is not billed again`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example") { $0.counters.sentThisMonth = 20 }
            clock.advance(by: Self.ahead)
            let reported = try await store.resetMonthly().frozen
            #expect(reported.first?.counters.sent == 20)
            clock.set(present)
            let counters = try await store.write { try $0.domains.find(domain.id)?.counters }
            #expect(counters?.sentThisMonth == 0)
            #expect(counters?.month == present.month)
            #expect(try await store.read { try $0.counters.listFrozen(of: present.month) }.map(\.counters.sent) == [20])
        }
    }
}

@Suite(.enabled(if: TestEngine.chosen == .postgres, "SQLite has one node"), .timeLimit(.minutes(1)))
struct FutureShareTests {
    @Test func `A share of the sending rate that was granted by a clock ahead does not reduce the shares of others`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withNodes(2, clock: clock) { nodes in
            func share(_ number: Int) async throws -> Double {
                let report = SendingReport(node: "node \(number)", rate: SharedRate(10), sent: 0, remaining: nil)
                return try await nodes[number].write(.sendingShare) { try $0.sendingShares.renew(report) }.share
            }
            clock.advance(by: .seconds(60 * 86_400))
            let ahead = try await share(0)
            clock.set(present)
            let right = try await share(1)
            #expect((ahead, right) == (10, 10))
        }
    }
}
