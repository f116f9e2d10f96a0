import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CallbackQueueTests {
    private static let rules = CallbackClaimRules(owner: "node")

    /// A store with an account, and what tests do with it.
    private struct Desk: Sendable {
        let store: Store
        let clock: TestClock
        let accountID: Int64
        let domainID: Int64

        func email(_ callbacks: [String]) async throws -> EmailID {
            let email = Email(
                id: EmailID(at: clock.now), accountID: accountID, userName: "acme", operatorName: "Ann", domainID: domainID,
                sender: EmailAddress(validated: "a@acme.example"), recipient: EmailAddress(validated: "b@customer.example"),
                status: .queued, externalID: nil, clientID: nil, createdAt: clock.now, updatedAt: clock.now,
                content: EmailContent(subject: "s", text: "t", callbacks: callbacks))
            try await store.write { try $0.insert(email, dueAt: nil) }
            return email.id
        }

        func change(_ id: EmailID, to statuses: EmailStatus...) async throws {
            try await store.write { context in
                for status in statuses {
                    try context.recordEvent(on: id, TimelineEntry(status, at: context.now), status: status, settles: true)
                }
            }
        }

        func claim(_ rules: CallbackClaimRules = rules, limit: Int = 64, underWay: [Int64: Int] = [:]) async throws -> [CallbackClaim] {
            try await store.write { try $0.claimCallbacks(rules, limit: limit, underWay: underWay) }
        }

        func record(_ outcome: CallbackOutcome, of claim: CallbackClaim, owner: String = "node") async throws {
            _ = try await store.write { try $0.record(outcome, of: claim, owner: owner) }
        }

        var success: CallbackOutcome { .delivered(CallbackAttempt(at: clock.now, httpStatus: 200)) }
        var failure: CallbackOutcome { .failed(CallbackAttempt(at: clock.now, httpStatus: 500, error: "no")) }

        func deliveries(_ status: CallbackDelivery.Status? = nil) async throws -> [CallbackDelivery] {
            try await store.read { try $0.callbackDeliveries(of: accountID, status: status, after: nil, limit: 1000) }
        }

        func delivery(_ claim: CallbackClaim) async throws -> CallbackDelivery? {
            try await store.read { try $0.callbackDelivery(claim.delivery.id) }
        }

        func endpoint(_ url: String, events: [String] = [], isActive: Bool = true) async throws -> CallbackEndpoint {
            try await store.write { try $0.createCallbackEndpoint(of: accountID, url: url, events: events, isActive: isActive) }
        }
    }

    private func withDesk(_ body: (Desk) async throws -> Void) async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            try await body(Desk(store: store, clock: clock, accountID: domain.accountID, domainID: domain.id))
        }
    }

    @Test func everyChangeOfStatusIsToldOnceToEveryURL() async throws {
        try await withDesk { desk in
            _ = try await desk.endpoint("https://e.example/all")
            _ = try await desk.endpoint("https://e.example/opens", events: ["OPEN"])
            _ = try await desk.endpoint("https://e.example/off", isActive: false)
            let id = try await desk.email(["https://own.example/a", "https://e.example/all"])
            #expect(try await desk.deliveries().isEmpty)
            try await desk.change(id, to: .sent, .delivered, .sent, .delivered, .open, .open)
            let told = try await desk.deliveries().map(\.url)
            #expect(told.count { $0 == "https://own.example/a" } == 3)
            #expect(told.count { $0 == "https://e.example/all" } == 3)
            #expect(told.count { $0 == "https://e.example/opens" } == 1 && told.count == 7)
            #expect(Set(try await desk.deliveries().map(\.eventID)).count == 3)
        }
    }

    @Test func anEmailNobodyWantsToHearOfLeavesNothing() async throws {
        try await withDesk { desk in
            let id = try await desk.email([])
            try await desk.change(id, to: .sent, .delivered)
            #expect(try await desk.deliveries().isEmpty)
            #expect(try await desk.store.read { try $0.nextCallbackDue() } == nil)
        }
    }

    @Test func theNextIsToldAfterTheOneBefore() async throws {
        try await withDesk { desk in
            let id = try await desk.email(["https://own.example/a", "https://own.example/b"])
            try await desk.change(id, to: .sent, .delivered, .open)
            var names: [String: [String]] = [:]
            for _ in 0..<3 {
                let claims = try await desk.claim()
                #expect(claims.count == 2)
                #expect(try await desk.claim().isEmpty)
                for claim in claims {
                    names[claim.delivery.url, default: []].append(claim.event.name)
                    try await desk.record(desk.success, of: claim)
                }
            }
            #expect(try await desk.claim().isEmpty)
            #expect(
                names == ["https://own.example/a": ["SENT", "DELIVERED", "OPEN"], "https://own.example/b": ["SENT", "DELIVERED", "OPEN"]])
        }
    }

    @Test func aFailureKeepsTheOrderAndFollowsTheSchedule() async throws {
        try await withDesk { desk in
            let id = try await desk.email(["https://own.example/a"])
            try await desk.change(id, to: .sent, .delivered)
            var seen: Set<CallbackID> = []
            for delay in CallbackSchedule.delays {
                let claim = try #require(try await desk.claim().first)
                seen.insert(claim.delivery.id)
                try await desk.record(desk.failure, of: claim)
                #expect(try await desk.store.read { try $0.nextCallbackDue() } == desk.clock.now + delay)
                desk.clock.advance(by: delay - .milliseconds(1))
                #expect(try await desk.claim().isEmpty)
                desk.clock.advance(by: .milliseconds(1))
            }
            let last = try #require(try await desk.claim().first)
            try await desk.record(desk.failure, of: last)
            #expect(seen == [last.delivery.id])
            let parked = try #require(try await desk.deliveries(.parked).first)
            #expect(parked.attempts.count == 8 && parked.attempts.allSatisfy { $0.httpStatus == 500 } && parked.nextAttemptAt == nil)
            // What came after it goes on.
            #expect(try await desk.claim().map(\.event.name) == ["DELIVERED"])
        }
    }

    @Test func aReplayBeginsTheScheduleAnewUnderTheSameID() async throws {
        try await withDesk { desk in
            let id = try await desk.email(["https://own.example/a"])
            try await desk.change(id, to: .sent)
            let first = try #require(try await desk.claim().first)
            try await desk.record(.refused(CallbackAttempt(at: desk.clock.now, error: "no")), of: first)
            let parked = try #require(try await desk.deliveries(.parked).first)
            try await desk.store.write { try $0.replay(parked) }
            let second = try #require(try await desk.claim().first)
            #expect(second.delivery.id == first.delivery.id && second.delivery.attempts.count == 1)
            // While it is under way, another replay changes nothing.
            try await desk.store.write { try $0.replay(parked) }
            #expect(try await desk.claim().isEmpty)
            try await desk.record(desk.failure, of: second)
            #expect(try await desk.delivery(second)?.nextAttemptAt == desk.clock.now + .seconds(5))
        }
    }

    /// A receiver that was away for days is asked again when its owner says so.
    @Test func aReplayIsNotParkedForOldFailures() async throws {
        try await withDesk { desk in
            for _ in 0..<20 { try await desk.change(try await desk.email(["https://own.example/a"]), to: .sent) }
            for claim in try await desk.claim() { try await desk.record(desk.failure, of: claim) }
            desk.clock.advance(by: CallbackSchedule.span + .seconds(60))
            while try await desk.deliveries(.parked).count < 20 {
                for claim in try await desk.claim() { try await desk.record(desk.failure, of: claim) }
                desk.clock.advance(by: CallbackBreaker.longestPause)
            }
            let parked = try await desk.deliveries(.parked)
            #expect(parked.allSatisfy { $0.attempts.last?.error == "The receiver has failed for too long." })
            try await desk.store.write { try $0.replay(parked[0]) }
            let claim = try #require(try await desk.claim().first)
            #expect(claim.delivery.id == parked[0].id)
        }
    }

    @Test func theWorkOfADeadNodeIsTakenOver() async throws {
        try await withDesk { desk in
            let id = try await desk.email(["https://own.example/a"])
            try await desk.change(id, to: .sent)
            let lost = try #require(try await desk.claim().first)
            desk.clock.advance(by: .seconds(30))
            let taken = try #require(try await desk.claim(CallbackClaimRules(owner: "other")).first)
            #expect(taken.delivery.id == lost.delivery.id)
            // Its former owner has nothing to say any more.
            try await desk.record(desk.failure, of: lost)
            try await desk.record(desk.success, of: taken, owner: "other")
            #expect(try await desk.delivery(taken)?.status == .delivered)
        }
    }

    @Test func whatIsGivenBackIsDueAtOnce() async throws {
        try await withDesk { desk in
            let id = try await desk.email(["https://own.example/a"])
            try await desk.change(id, to: .sent)
            let claim = try #require(try await desk.claim().first)
            try await desk.record(.released, of: claim)
            #expect(try await desk.claim().map(\.delivery.id) == [claim.delivery.id])
        }
    }

    @Test func aLongQueueKeepsNobodyWaiting() async throws {
        try await withDesk { desk in
            for _ in 0..<300 { try await desk.change(try await desk.email(["https://dead.example/"]), to: .sent) }
            try await desk.change(try await desk.email(["https://alive.example/"]), to: .sent)
            desk.clock.advance(by: .seconds(1))
            let urls = try await desk.claim(limit: 64).map(\.delivery.url)
            #expect(urls.contains("https://alive.example/") && urls.count == 17)
        }
    }

    @Test func aReceiverHasABoundAndRestsWhenItOnlyFails() async throws {
        try await withDesk { desk in
            for _ in 0..<100 { try await desk.change(try await desk.email(["https://dead.example/"]), to: .sent) }
            let rules = CallbackClaimRules(owner: "node", perReceiver: 32)
            var claims = try await desk.claim(rules, limit: 256)
            #expect(claims.count == 32)
            let lane = claims[0].lane
            #expect(try await desk.claim(rules, limit: 256, underWay: [lane: 32]).isEmpty)
            for claim in claims { try await desk.record(desk.failure, of: claim) }
            #expect(try await desk.claim(rules, limit: 256).isEmpty)
            desk.clock.advance(by: CallbackBreaker.firstPause)
            claims = try await desk.claim(rules, limit: 256)
            #expect(claims.count == CallbackBreaker.probes)
            try await desk.record(desk.success, of: claims[0])
            #expect(try await desk.claim(rules, limit: 256, underWay: [lane: 3]).count == 29)
        }
    }

    @Test func whatWaitsForAnEndpointThatIsGoneIsParked() async throws {
        try await withDesk { desk in
            let endpoint = try await desk.endpoint("https://e.example/")
            let id = try await desk.email([])
            try await desk.change(id, to: .sent, .delivered)
            try await desk.store.write { try $0.delete(endpoint) }
            for _ in 0..<2 { #expect(try await desk.claim().isEmpty) }
            #expect(try await desk.deliveries(.parked).count == 2)
        }
    }

    @Test func noticesGoToEndpointsThatWantThem() async throws {
        try await withDesk { desk in
            _ = try await desk.endpoint("https://e.example/", events: ["domain.suspended"])
            _ = try await desk.endpoint("https://e.example/other", events: ["OPEN"])
            let notice = AccountNotice(.domainSuspended, domain: DomainName(validated: "acme.example"), explanation: "too many")
            try await desk.store.write { try $0.announce(notice, to: desk.accountID) }
            let claim = try #require(try await desk.claim().first)
            #expect(claim.event.name == "domain.suspended" && claim.event.domain == notice.domain && claim.delivery.emailID == nil)
            let content = try await desk.store.read { try $0.callbackContents(of: claim) }
            #expect(content.email == nil && content.userName == "acme")
            #expect(try await desk.deliveries().count == 1)
        }
    }

    @Test func secretsOverlapWhileTheyAreReplaced() async throws {
        try await withDesk { desk in
            let first = try await desk.store.write { try $0.callbackSecret(of: desk.accountID) }
            #expect(try await desk.store.write { try $0.callbackSecret(of: desk.accountID) } == first)
            let second = try await desk.store.write { try $0.rotateCallbackSecret(of: desk.accountID, overlap: .seconds(60)) }
            #expect(second.value != first.value && second.keys(at: desk.clock.now) == [second.value, first.value])
            #expect(try await desk.store.write { try $0.callbackSecret(of: desk.accountID) } == second)
        }
    }

    @Test func manyPathsOfOneAccountShareALane() async throws {
        try await withDesk { desk in
            try await desk.store.write { context in
                for number in 0..<1100 {
                    let endpoint = CallbackEndpoint(
                        id: 0, accountID: desk.accountID, url: "https://h.example/\(number)?a", events: [], isActive: true,
                        createdAt: context.now)
                    _ = try context.ping(endpoint)
                }
            }
            let lanes = try await desk.claim(CallbackClaimRules(owner: "node", receivers: 2000), limit: 100_000).map(\.lane)
            #expect(Set(lanes).count == 1002 && lanes.count > 1002)
        }
    }

    @Test func whatIsOldGoesUnlessItWaits() async throws {
        try await withDesk { desk in
            for _ in 0..<3 { try await desk.change(try await desk.email(["https://own.example/a"]), to: .sent) }
            let claims = try await desk.claim()
            try await desk.record(desk.success, of: claims[0])
            try await desk.record(.refused(CallbackAttempt(at: desk.clock.now, error: "no")), of: claims[1])
            desk.clock.advance(by: .seconds(31 * 86_400))
            #expect(try await desk.store.write { try $0.prune(RetentionPeriods(), limit: 10) } == 2)
            #expect(try await desk.deliveries().map(\.id) == [claims[2].delivery.id])
        }
    }
}
