import Database
import MailModel
import TestSupport
import Testing

@testable import Storage

/// What a clock that was 60 days ahead has left behind.
@Suite(.timeLimit(.minutes(1)))
struct FutureTimeTests {
    private static let ahead: Duration = .seconds(60 * 86_400)

    private func email(of domain: SendingDomain, at time: Timestamp, status: EmailStatus = .queued) -> Email {
        Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: "a@acme.example"), recipient: EmailAddress(validated: "b@customer.example"), status: status,
            externalID: nil, clientID: nil, createdAt: time, updatedAt: time,
            content: EmailContent(subject: "s", text: "t", callbacks: ["https://hook.example/a"]))
    }

    private func answer(of email: Email) -> FirstAnswer {
        FirstAnswer(emailID: email.id, status: email.status, note: nil, transactionID: "", time: email.createdAt)
    }

    private func bringBack(_ kind: FutureTime, in store: Store) async throws -> Int {
        guard try await store.read({ try $0.has(kind) }) else { return 0 }
        return try await store.write { try $0.bringBack(kind, limit: 500) }
    }

    @Test func `Nothing of the present is brought back`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example") { $0.outbound.warmupStartedOn = clock.now.day }
            let emails = [email(of: domain, at: clock.now), email(of: domain, at: clock.now, status: .scheduled)]
            try await store.write { context in
                try context.insert(emails[0], dueAt: clock.now + .seconds(4000))
                try context.insert(emails[1], dueAt: clock.now + Self.ahead)
                context.countSent(3, of: domain.accountID)
                _ = try context.keepIdempotencyKey(
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
            try await store.write { try $0.insert(claimed, dueAt: present) }
            clock.advance(by: Self.ahead)
            let taken = try await store.write {
                try $0.claimEmails(owner: "ahead", lease: .seconds(60), grace: .seconds(120), limit: 10)
            }
            #expect(taken.map(\.id) == [claimed.id])
            try await store.write { try $0.insert(queued, dueAt: clock.now) }
            clock.set(present)
            func claim() async throws -> [EmailID] {
                try await store.write { try $0.claimEmails(owner: "right", lease: .seconds(60), grace: .seconds(120), limit: 10) }.map(\.id)
            }
            #expect(try await claim() == [])
            #expect(try await bringBack(.emails, in: store) == 2)
            #expect(try await claim() == [queued.id])
            clock.advance(by: .seconds(121))
            #expect(try await claim().contains(claimed.id))
        }
    }

    @Test func `Callbacks that wait are due, and so are their receivers`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            clock.advance(by: Self.ahead)
            let made = email(of: domain, at: clock.now)
            try await store.write { context in
                try context.insert(made, dueAt: nil)
                try context.recordEvent(on: made.id, TimelineEntry(.sent, at: context.now), status: .sent, settles: true)
            }
            clock.set(present)
            let rules = CallbackClaimRules(owner: "right")
            #expect(try await store.write { try $0.claimCallbacks(rules, limit: 10, underWay: [:]) }.isEmpty)
            #expect(try await bringBack(.callbacks, in: store) == 1)
            #expect(try await bringBack(.receivers, in: store) == 0)
            #expect(try await store.write { try $0.claimCallbacks(rules, limit: 10, underWay: [:]) }.count == 1)
        }
    }

    @Test func `Checks, warm-up, keys, reputation and reviews go on`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            clock.advance(by: Self.ahead)
            let domain = try await store.makeDomain("acme.example") { $0.outbound.warmupStartedOn = clock.now.day }
            let made = email(of: domain, at: clock.now)
            try await store.write { context in
                _ = try context.keepIdempotencyKey(
                    "k", accountID: domain.accountID, fingerprint: [1], answer: answer(of: made), within: .seconds(86_400))
                context.countSent(3, of: domain.accountID)
                _ = try context.review(try #require(try context.account(domain.accountID)), .lift, note: nil)
                context.countSent(2, of: domain.accountID)
            }
            clock.set(present)
            try await store.write { context in context.countSent(4, of: domain.accountID) }
            #expect(try await bringBack(.domains, in: store) == 1)
            #expect(try await bringBack(.idempotencyKeys, in: store) == 1)
            #expect(try await bringBack(.reputationDays, in: store) == 1)
            #expect(try await bringBack(.reviews, in: store) == 1)
            let found = try #require(try await store.read { try $0.domain(named: domain.name) })
            #expect(found.verification.checkedAt == nil)
            #expect(found.outbound.warmupStartedOn == present.day)
            try await store.write { context in context.countSent(7, of: domain.accountID) }
            let window = try await store.read { try $0.reputationWindow(of: domain.accountID) }
            #expect(window.counts.sent == 7)
            #expect(window.since == present)
            clock.advance(by: .seconds(86_401))
            let use = try await store.write { try $0.use(ofIdempotencyKey: "k", accountID: domain.accountID, within: .seconds(86_400)) }
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
                let first = try await store.write { try $0.claimRun(of: "roll", period: day) }
                let second = try await store.write { try $0.claimRun(of: "roll", period: day) }
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
                try await store.write { context in
                    var allowed = 0
                    for _ in 0..<count {
                        guard var domain = try context.domain(named: domain.name) else { break }
                        if domain.admit(1, by: Gate()).allowed { allowed += 1 }
                        context.save(domain)
                    }
                    return allowed
                }
            }
            #expect(try await admit(7) == 7)
            clock.advance(by: Self.ahead)
            #expect(try await admit(2) == 2)
            #expect(try await store.read { try $0.frozenEntries(of: present.month) }.map(\.counters.sent) == [27])
            clock.set(present)
            #expect(try await admit(13) == 1)
            let now = try #require(try await store.read { try $0.domain(named: domain.name) })
            #expect((now.counters.sentToday, now.counters.sentThisMonth) == (10, 30))
            #expect(try await store.read { try $0.frozenEntries(of: present.month) }.isEmpty)
            clock.set(present.month.next.start)
            _ = try await admit(1)
            #expect(try await store.read { try $0.frozenEntries(of: present.month) }.map(\.counters.sent) == [30])
        }
    }

    @Test func `What was frozen by a clock ahead and told already stays frozen, and is not billed again`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example") { $0.counters.sentThisMonth = 20 }
            clock.advance(by: Self.ahead)
            let told = try await store.resetMonthly().frozen
            #expect(told.first?.counters.sent == 20)
            clock.set(present)
            let counters = try await store.write { try $0.domain(domain.id)?.counters }
            #expect(counters?.sentThisMonth == 0)
            #expect(counters?.month == present.month)
            #expect(try await store.read { try $0.frozenEntries(of: present.month) }.map(\.counters.sent) == [20])
        }
    }
}

@Suite(.enabled(if: TestEngine.chosen == .postgres, "SQLite has one node"), .timeLimit(.minutes(1)))
struct FutureShareTests {
    @Test func `A share of the sending rate that a clock ahead was given is not held against others`() async throws {
        let clock = TestClock()
        let present = clock.now
        try await withNodes(2, clock: clock) { nodes in
            func share(_ number: Int) async throws -> Double {
                let report = SendingReport(node: "node \(number)", rate: SharedRate(10), sent: 0, remaining: nil)
                return try await nodes[number].write(.sendingShare) { try $0.renewSendingShare(report) }.share
            }
            clock.advance(by: .seconds(60 * 86_400))
            let ahead = try await share(0)
            clock.set(present)
            let right = try await share(1)
            #expect((ahead, right) == (10, 10))
        }
    }
}
