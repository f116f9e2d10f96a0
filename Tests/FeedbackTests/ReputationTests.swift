import MailModel
import Storage
import TestSupport
import Testing

@testable import Feedback

@Suite(.timeLimit(.minutes(1)))
struct ReputationTests {
    private static var patient: Guillotine {
        var guillotine = Guillotine()
        guillotine.bouncePercent = Percent(100)
        return guillotine
    }

    /// An account that sent `sent` emails through the gate of one domain.
    private func withAccount(
        sent: Int64, clock: TestClock = TestClock(), _ body: (FeedbackService, Store, Account) async throws -> Void
    ) async throws {
        try await withFeedback(sent: 0, guillotine: Self.patient, clock: clock) { service, store, domain in
            _ = try await admit(sent, store)
            let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
            try await body(service, store, account)
        }
    }

    private func admit(_ count: Int64, _ store: Store) async throws -> Gate.Decision {
        try await store.write { tx in
            guard var domain = try tx.domains.find(named: DomainName(validated: "example.com")) else {
                throw StorageError.malformed("domain")
            }
            let decision = domain.admit(count, by: Gate())
            if decision.allowed { tx.domains.update(domain) }
            return decision
        }
    }

    private func bounce(_ service: FeedbackService, times: Int, _ name: String = "b") async throws {
        for number in 0..<times {
            try await service.ingest(TestEvent.bounce(of: ["\(name)\(number)@x.example"]).bytes, receipt: "\(name)-\(number)")
        }
    }

    private func report(_ store: Store, _ account: Account) async throws -> ReputationReport {
        try await store.read { tx in
            guard let account = try tx.accounts.find(account.id) else { throw StorageError.malformed("account") }
            return try tx.reputation.report(of: account)
        }
    }

    @Test func theEventThatCrossesTheThresholdChangesTheAccount() async throws {
        try await withAccount(sent: 200) { service, store, account in
            for (bounces, expected) in [(4, Account.Status.ok), (1, .warning), (4, .warning), (1, .blocked)] {
                try await bounce(service, times: bounces, "\(expected)\(bounces)")
                #expect(try await report(store, account).account.status == expected)
            }
            let report = try await report(store, account)
            #expect(report.window.counts == ReputationCounts(sent: 200, bounces: 10))
            #expect(report.reason == "reputation: bounce rate 5.0 % has reached 5 % (10 of 200 in 30 days)")
        }
    }

    @Test func theAccountIsNotifiedOfEachStepOnce() async throws {
        try await withAccount(sent: 200) { service, store, account in
            _ = try await store.write {
                try $0.callbackEndpoints.insert(of: account.id, url: "https://a.example/", events: [], isActive: true)
            }
            func notices() async throws -> Int {
                try await store.read { try $0.callbacks.list(of: account.id, status: nil, after: nil, limit: 100).count }
            }
            try await bounce(service, times: 4)
            #expect(try await notices() == 0)
            try await bounce(service, times: 1, "warns")
            #expect(try await notices() == 1)
            try await bounce(service, times: 10, "blocks")
            #expect(try await notices() == 2)
            _ = try await ReputationService(store: store, reputation: Reputation()).review("acme", .lift, note: nil, by: .master)
            #expect(try await notices() == 3)
            _ = try await ReputationService(store: store, reputation: Reputation()).review("acme", .block, note: "abuse", by: .master)
            #expect(try await notices() == 5)
        }
    }

    @Test func oneEventWithManyRecipientsCountsAllAndSoftOnesNone() async throws {
        try await withAccount(sent: 100) { service, store, account in
            try await service.ingest(TestEvent.bounce("Transient").bytes, receipt: nil)
            try await service.ingest(TestEvent.complaint("not-spam").bytes, receipt: nil)
            try await service.ingest(TestEvent.bounce(subType: "OnAccountSuppressionList").bytes, receipt: nil)
            #expect(try await report(store, account).window.counts == ReputationCounts(sent: 100))
            try await service.ingest(TestEvent.bounce(of: (1...5).map { "r\($0)@x.example" }).bytes, receipt: nil)
            #expect(try await report(store, account).account.status == .blocked)
        }
    }

    @Test func aBlockStopsAcceptanceAndTheQueue() async throws {
        try await withAccount(sent: 100) { service, store, account in
            let domain = try await store.domain("example.com")
            let queued = try await store.makeEmail(of: domain)
            let before = domain.counters.sentThisMonth
            try await service.ingest(TestEvent.complaint().bytes, receipt: nil)
            let decision = try await admit(1, store)
            #expect(decision == Gate.Decision(allowed: false, reason: .accountBlocked))
            #expect(try await store.domain("example.com").counters.sentThisMonth == before)
            // Soft enforcement is about quotas.
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: domain.name) else { return }
                domain.outbound.enforcement = .soft
                tx.domains.update(domain)
            }
            #expect(try await !admit(1, store).allowed)
            let rules = EmailClaimRules(owner: "n", lease: .seconds(60), grace: .seconds(60), limit: 10)
            #expect(try await store.write { try $0.queue.claim(rules) }.emails.isEmpty)
            #expect(try await store.status(of: queued) == .blockedDueBadBehaviour)
            #expect(try await store.timeline(of: queued).last?.explanation == "The account was blocked before the email was sent.")
            _ = account
        }
    }

    /// A block holds for all commands of the same transaction.
    @Test func aBlockHoldsWithinItsTransaction() async throws {
        try await withAccount(sent: 100) { _, store, account in
            let decisions = try await store.write { tx in
                guard var domain = try tx.domains.find(named: DomainName(validated: "example.com")) else { return [false, false] }
                let first = domain.admit(1, by: Gate()).allowed
                tx.domains.update(domain)
                try JudgeAccount(accountID: account.id, bounces: 0, complaints: 1, reputation: Reputation()).run(in: tx)
                guard let again = try tx.domains.find(named: domain.name) else { return [first] }
                return [first, Gate().decide(on: again, recipients: 1).allowed]
            }
            #expect(decisions == [true, false])
            #expect(try await report(store, account).window.counts == ReputationCounts(sent: 101, complaints: 1))
        }
    }

    @Test func theWindowRolls() async throws {
        let clock = TestClock()
        try await withAccount(sent: 1000, clock: clock) { service, store, account in
            try await bounce(service, times: 24)
            clock.advance(by: .seconds(29 * 86_400))
            _ = try await admit(100, store)
            #expect(try await report(store, account).window.counts == ReputationCounts(sent: 1100, bounces: 24))
            clock.advance(by: .seconds(86_400))
            #expect(try await report(store, account).window.counts == ReputationCounts(sent: 100))
            // The old bounces do not count any more.
            try await bounce(service, times: 2, "c")
            #expect(try await report(store, account).account.status == .ok)
            try await bounce(service, times: 1, "d")
            #expect(try await report(store, account).account.status == .warning)
        }
    }

    @Test func liftingStartsAFreshWindow() async throws {
        let clock = TestClock()
        try await withAccount(sent: 100, clock: clock) { service, store, account in
            let reviews = ReputationService(store: store, reputation: Reputation())
            try await bounce(service, times: 10)
            #expect(try await reviews.review("acme", .keep, note: "looking", by: .master)?.account.status == .blocked)
            #expect(try await !admit(1, store).allowed)
            let lifted = try #require(try await reviews.review("acme", .lift, note: "cleaned", by: .master))
            #expect(lifted.account.status == .ok && lifted.reason == nil && lifted.window.counts == ReputationCounts())
            #expect(lifted.reviews.map(\.decision) == [.lift, .keep] && lifted.reviews.map(\.status) == [.blocked, .blocked])
            // Late bounces of the old list do not block it again, the same rates in the new window do.
            try await bounce(service, times: 6, "late")
            #expect(try await admit(99, store).allowed)
            try await bounce(service, times: 1, "late2")
            #expect(try await report(store, account).account.status == .ok)
            clock.advance(by: .seconds(86_400))
            #expect(try await admit(1, store).allowed)
            try await bounce(service, times: 1, "late3")
            #expect(try await report(store, account).account.status == .blocked)
            #expect(try await report(store, account).window.counts == ReputationCounts(sent: 100, bounces: 8))
        }
    }

    @Test func theOperatorBlocksForOtherReasons() async throws {
        try await withAccount(sent: 0) { _, store, account in
            let reviews = ReputationService(store: store, reputation: Reputation())
            let blocked = try #require(try await reviews.review("acme", .block, note: "phishing", by: .master))
            #expect(blocked.account.status == .blocked && blocked.reason == "blocked by the operator: phishing")
            #expect(try await !admit(1, store).allowed)
            #expect(try await reviews.review("nobody", .block, note: nil, by: .master) == nil)
            _ = account
        }
    }

    @Test func warningsEndWithTheDayWhenTheRateHasFallen() async throws {
        let clock = TestClock()
        try await withAccount(sent: 100, clock: clock) { service, store, account in
            let end = WarningExpiryJob(store: store, reputation: Reputation(), logger: silent)
            await end.round()
            try await bounce(service, times: 3)
            _ = try await admit(900, store)
            await end.round()
            #expect(try await report(store, account).account.status == .warning)
            clock.advance(by: .seconds(86_400))
            await end.round()
            #expect(try await report(store, account).account.status == .ok)
        }
    }
}
