import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CallbackQueueTests {
    private static let rules = CallbackClaimRules(owner: "node")

    /// The callbacks of an account with one domain.
    private struct Outbox: Sendable {
        let store: Store
        let clock: TestClock
        let domain: SendingDomain

        var accountID: Int64 { domain.accountID }

        func email(_ callbacks: [String]) async throws -> EmailID {
            let email = Email.test(of: domain, at: clock.now) { $0.content.callbacks = callbacks }
            try await store.write { try $0.emails.insert(email, dueAt: nil) }
            return email.id
        }

        func change(_ id: EmailID, to statuses: EmailStatus...) async throws {
            try await store.write { tx in
                for status in statuses {
                    try tx.emails.recordEvent(on: id, TimelineEntry(status, at: tx.now), status: status, settles: true)
                }
            }
        }

        func claim(_ rules: CallbackClaimRules = rules, limit: Int = 64, underWay: [Int64: Int] = [:]) async throws -> [CallbackClaim] {
            try await store.write { try $0.callbacks.claim(rules, limit: limit, underWay: underWay) }.claims
        }

        func record(_ outcome: CallbackOutcome, of claim: CallbackClaim, owner: String = "node") async throws {
            _ = try await store.write { try $0.callbacks.record(outcome, of: claim, owner: owner) }
        }

        var success: CallbackOutcome { .delivered(CallbackAttempt(at: clock.now, httpStatus: 200)) }
        var failure: CallbackOutcome { .failed(CallbackAttempt(at: clock.now, httpStatus: 500, error: "no")) }

        func deliveries(_ status: CallbackDelivery.Status? = nil) async throws -> [CallbackDelivery] {
            try await store.read { try $0.callbacks.list(of: accountID, status: status, after: nil, limit: 1000) }
        }

        func delivery(_ claim: CallbackClaim) async throws -> CallbackDelivery? {
            try await store.read { try $0.callbacks.find(claim.delivery.id) }
        }

        func endpoint(_ url: String, events: [String] = [], isActive: Bool = true) async throws -> CallbackEndpoint {
            try await store.write { try $0.callbackEndpoints.insert(of: accountID, url: url, events: events, isActive: isActive) }
        }
    }

    private func withOutbox(_ body: (Outbox) async throws -> Void) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            try await body(Outbox(store: store, clock: clock, domain: domain))
        }
    }

    @Test func everyChangeOfStatusIsEnqueuedOnceForEveryURL() async throws {
        try await withOutbox { outbox in
            _ = try await outbox.endpoint("https://e.example/all")
            _ = try await outbox.endpoint("https://e.example/opens", events: ["OPEN"])
            _ = try await outbox.endpoint("https://e.example/off", isActive: false)
            let id = try await outbox.email(["https://own.example/a", "https://e.example/all"])
            #expect(try await outbox.deliveries().isEmpty)
            try await outbox.change(id, to: .sent, .delivered, .sent, .delivered, .open, .open)
            let urls = try await outbox.deliveries().map(\.url)
            #expect(urls.count { $0 == "https://own.example/a" } == 3)
            #expect(urls.count { $0 == "https://e.example/all" } == 3)
            #expect(urls.count { $0 == "https://e.example/opens" } == 1 && urls.count == 7)
            #expect(Set(try await outbox.deliveries().map(\.eventID)).count == 3)
        }
    }

    @Test func anEmailWithoutURLsAndEndpointsEnqueuesNothing() async throws {
        try await withOutbox { outbox in
            let id = try await outbox.email([])
            try await outbox.change(id, to: .sent, .delivered)
            #expect(try await outbox.deliveries().isEmpty)
            #expect(try await outbox.store.read { try $0.callbacks.nextDue() } == nil)
        }
    }

    @Test func callbacksOfAnEmailAreDeliveredInOrder() async throws {
        try await withOutbox { outbox in
            let id = try await outbox.email(["https://own.example/a", "https://own.example/b"])
            try await outbox.change(id, to: .sent, .delivered, .open)
            var names: [String: [String]] = [:]
            for _ in 0..<3 {
                let claims = try await outbox.claim()
                #expect(claims.count == 2)
                #expect(try await outbox.claim().isEmpty)
                for claim in claims {
                    names[claim.delivery.url, default: []].append(claim.event.name)
                    try await outbox.record(outbox.success, of: claim)
                }
            }
            #expect(try await outbox.claim().isEmpty)
            #expect(
                names == ["https://own.example/a": ["SENT", "DELIVERED", "OPEN"], "https://own.example/b": ["SENT", "DELIVERED", "OPEN"]])
        }
    }

    @Test func aFailureKeepsTheOrderAndFollowsTheSchedule() async throws {
        try await withOutbox { outbox in
            let id = try await outbox.email(["https://own.example/a"])
            try await outbox.change(id, to: .sent, .delivered)
            var seen: Set<CallbackID> = []
            for delay in CallbackSchedule.delays {
                let claim = try #require(try await outbox.claim().first)
                seen.insert(claim.delivery.id)
                try await outbox.record(outbox.failure, of: claim)
                #expect(try await outbox.store.read { try $0.callbacks.nextDue() } == outbox.clock.now + delay)
                outbox.clock.advance(by: delay - .milliseconds(1))
                #expect(try await outbox.claim().isEmpty)
                outbox.clock.advance(by: .milliseconds(1))
            }
            let last = try #require(try await outbox.claim().first)
            try await outbox.record(outbox.failure, of: last)
            #expect(seen == [last.delivery.id])
            let parked = try #require(try await outbox.deliveries(.parked).first)
            #expect(parked.attempts.count == 8 && parked.attempts.allSatisfy { $0.httpStatus == 500 } && parked.nextAttemptAt == nil)
            // The next event is delivered all the same.
            #expect(try await outbox.claim().map(\.event.name) == ["DELIVERED"])
        }
    }

    @Test func aReplayRestartsTheScheduleUnderTheSameID() async throws {
        try await withOutbox { outbox in
            let id = try await outbox.email(["https://own.example/a"])
            try await outbox.change(id, to: .sent)
            let first = try #require(try await outbox.claim().first)
            try await outbox.record(.refused(CallbackAttempt(at: outbox.clock.now, error: "no")), of: first)
            let parked = try #require(try await outbox.deliveries(.parked).first)
            try await outbox.store.write { try $0.callbacks.replay(parked) }
            let second = try #require(try await outbox.claim().first)
            #expect(second.delivery.id == first.delivery.id && second.delivery.attempts.count == 1)
            // While it is under way, another replay changes nothing.
            try await outbox.store.write { try $0.callbacks.replay(parked) }
            #expect(try await outbox.claim().isEmpty)
            try await outbox.record(outbox.failure, of: second)
            #expect(try await outbox.delivery(second)?.nextAttemptAt == outbox.clock.now + .seconds(5))
        }
    }

    /// A receiver that has failed for days is called again when its owner replays a callback.
    @Test func aReplayIsNotParkedForOldFailures() async throws {
        try await withOutbox { outbox in
            for _ in 0..<20 { try await outbox.change(try await outbox.email(["https://own.example/a"]), to: .sent) }
            for claim in try await outbox.claim() { try await outbox.record(outbox.failure, of: claim) }
            outbox.clock.advance(by: CallbackSchedule.span + .seconds(60))
            while try await outbox.deliveries(.parked).count < 20 {
                for claim in try await outbox.claim() { try await outbox.record(outbox.failure, of: claim) }
                outbox.clock.advance(by: CallbackBreaker.longestPause)
            }
            let parked = try await outbox.deliveries(.parked)
            #expect(parked.allSatisfy { $0.attempts.last?.error == "The receiver has failed for too long." })
            try await outbox.store.write { try $0.callbacks.replay(parked[0]) }
            let claim = try #require(try await outbox.claim().first)
            #expect(claim.delivery.id == parked[0].id)
        }
    }

    @Test func theClaimsOfADeadNodeAreTakenOver() async throws {
        try await withOutbox { outbox in
            let id = try await outbox.email(["https://own.example/a"])
            try await outbox.change(id, to: .sent)
            let lost = try #require(try await outbox.claim().first)
            outbox.clock.advance(by: .seconds(30))
            let taken = try #require(try await outbox.claim(CallbackClaimRules(owner: "other")).first)
            #expect(taken.delivery.id == lost.delivery.id)
            // The outcome of the node that lost the lease is ignored.
            try await outbox.record(outbox.failure, of: lost)
            try await outbox.record(outbox.success, of: taken, owner: "other")
            #expect(try await outbox.delivery(taken)?.status == .delivered)
        }
    }

    @Test func aReleasedClaimIsDueAtOnce() async throws {
        try await withOutbox { outbox in
            let id = try await outbox.email(["https://own.example/a"])
            try await outbox.change(id, to: .sent)
            let claim = try #require(try await outbox.claim().first)
            try await outbox.record(.released, of: claim)
            #expect(try await outbox.claim().map(\.delivery.id) == [claim.delivery.id])
        }
    }

    @Test func aLongQueueDoesNotDelayOtherReceivers() async throws {
        try await withOutbox { outbox in
            for _ in 0..<300 { try await outbox.change(try await outbox.email(["https://dead.example/"]), to: .sent) }
            try await outbox.change(try await outbox.email(["https://alive.example/"]), to: .sent)
            outbox.clock.advance(by: .seconds(1))
            let urls = try await outbox.claim(limit: 64).map(\.delivery.url)
            #expect(urls.contains("https://alive.example/") && urls.count == 17)
        }
    }

    @Test func aReceiverHasABoundOfAttemptsAndPausesWhenAllFail() async throws {
        try await withOutbox { outbox in
            for _ in 0..<100 { try await outbox.change(try await outbox.email(["https://dead.example/"]), to: .sent) }
            let rules = CallbackClaimRules(owner: "node", perReceiver: 32)
            var claims = try await outbox.claim(rules, limit: 256)
            #expect(claims.count == 32)
            let queue = claims[0].queue
            #expect(try await outbox.claim(rules, limit: 256, underWay: [queue: 32]).isEmpty)
            for claim in claims { try await outbox.record(outbox.failure, of: claim) }
            #expect(try await outbox.claim(rules, limit: 256).isEmpty)
            outbox.clock.advance(by: CallbackBreaker.firstPause)
            claims = try await outbox.claim(rules, limit: 256)
            #expect(claims.count == CallbackBreaker.probes)
            try await outbox.record(outbox.success, of: claims[0])
            #expect(try await outbox.claim(rules, limit: 256, underWay: [queue: 3]).count == 29)
        }
    }

    @Test func callbacksOfADeletedEndpointAreParked() async throws {
        try await withOutbox { outbox in
            let endpoint = try await outbox.endpoint("https://e.example/")
            let id = try await outbox.email([])
            try await outbox.change(id, to: .sent, .delivered)
            _ = try await outbox.store.write { try $0.callbackEndpoints.delete(endpoint) }
            for _ in 0..<2 { #expect(try await outbox.claim().isEmpty) }
            #expect(try await outbox.deliveries(.parked).count == 2)
        }
    }

    @Test func noticesGoToEndpointsThatWantThem() async throws {
        try await withOutbox { outbox in
            _ = try await outbox.endpoint("https://e.example/", events: ["domain.suspended"])
            _ = try await outbox.endpoint("https://e.example/other", events: ["OPEN"])
            let notice = AccountNotice(.domainSuspended, domain: DomainName(validated: "acme.example"), explanation: "too many")
            try await outbox.store.write { try $0.notices.insert(notice, for: outbox.accountID) }
            let claim = try #require(try await outbox.claim().first)
            #expect(claim.event.name == "domain.suspended" && claim.event.domain == notice.domain && claim.delivery.emailID == nil)
            let content = try await outbox.store.read { try $0.callbacks.content(of: claim) }
            #expect(content.email == nil && content.userName == "acme")
            #expect(try await outbox.deliveries().count == 1)
        }
    }

    @Test func secretsOverlapWhileTheyAreReplaced() async throws {
        try await withOutbox { outbox in
            let first = try await outbox.store.write { try $0.callbackEndpoints.secret(of: outbox.accountID) }
            #expect(try await outbox.store.write { try $0.callbackEndpoints.secret(of: outbox.accountID) } == first)
            let second = try await outbox.store.write { try $0.callbackEndpoints.rotateSecret(of: outbox.accountID, overlap: .seconds(60)) }
            #expect(second.value != first.value && second.keys(at: outbox.clock.now) == [second.value, first.value])
            #expect(try await outbox.store.write { try $0.callbackEndpoints.secret(of: outbox.accountID) } == second)
        }
    }

    @Test func manyURLsOfOneAccountShareAQueue() async throws {
        try await withOutbox { outbox in
            try await outbox.store.write { tx in
                for number in 0..<1100 {
                    let endpoint = CallbackEndpoint(
                        id: 0, accountID: outbox.accountID, url: "https://h.example/\(number)?a", events: [], isActive: true,
                        createdAt: tx.now)
                    _ = try tx.callbacks.enqueuePing(to: endpoint)
                }
            }
            let queues = try await outbox.claim(CallbackClaimRules(owner: "node", receivers: 2000), limit: 100_000).map(\.queue)
            #expect(Set(queues).count == 1002 && queues.count > 1002)
        }
    }

    @Test func oldCallbacksAreDeletedUnlessTheyArePending() async throws {
        try await withOutbox { outbox in
            for _ in 0..<3 { try await outbox.change(try await outbox.email(["https://own.example/a"]), to: .sent) }
            let claims = try await outbox.claim()
            try await outbox.record(outbox.success, of: claims[0])
            try await outbox.record(.refused(CallbackAttempt(at: outbox.clock.now, error: "no")), of: claims[1])
            outbox.clock.advance(by: .seconds(31 * 86_400))
            #expect(try await outbox.store.write { try $0.retention.delete(RetentionPeriods(), limit: 10) } == 2)
            #expect(try await outbox.deliveries().map(\.id) == [claims[2].delivery.id])
        }
    }
}
