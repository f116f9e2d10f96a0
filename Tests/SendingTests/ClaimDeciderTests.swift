import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

/// Which due emails a claim takes where not all of them may be sent.
@Suite(.timeLimit(.minutes(1)))
struct ClaimDeciderTests {
    private let clock = TestClock()
    private let start = ContinuousClock.now
    private let rules = EmailClaimRules(owner: "node", lease: .seconds(60), grace: .zero, limit: 64)

    private func accept(_ count: Int, of domain: String, bytes: Int = 1, in store: Store) async throws {
        let domain = try await store.makeDomain(domain)
        let text = String(decoding: [UInt8](repeating: UInt8(ascii: "t"), count: bytes), as: UTF8.self)
        try await store.write { [clock] tx in
            for number in 0..<count {
                let email = Email(
                    id: EmailID(at: clock.now), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
                    sender: EmailAddress(validated: "a@\(domain.name)"), recipient: EmailAddress(validated: "r\(number)@customer.example"),
                    status: .queued, externalID: nil, clientID: nil, createdAt: clock.now, updatedAt: clock.now,
                    content: EmailContent(subject: "s", text: text))
                try tx.emails.insert(email, dueAt: clock.now)
            }
        }
        clock.advance(by: .milliseconds(1))
    }

    private func claim(_ decider: inout ClaimDecider, in store: Store) async throws -> EmailClaim {
        let claim: EmailClaim
        (claim, decider) = try await store.write { [decider, rules] tx in
            var decider = decider
            let claim = try tx.queue.claim(rules) { decider.decide($0) { SendingScope.identities(of: $0.sender) } }
            return (claim, decider)
        }
        return claim
    }

    @Test func `one email probes a parked scope and the others are postponed`() async throws {
        try await withStore(clock: clock) { store in
            try await accept(100, of: "paused.example", in: store)
            try await accept(10, of: "shop.example", in: store)
            var parked = ParkedScopes()
            _ = parked.park(.identity("paused.example"), at: start)
            var decider = ClaimDecider()
            decider.begin(parked: parked, freeBytes: .max, at: start + .seconds(31))
            let first = try await claim(&decider, in: store)
            #expect(first.emails.map(\.email.sender.domain.description) == ["paused.example"])
            #expect(first.postponed == 63 && decider.didPostpone)
            #expect(decider.probed == [.identity("paused.example")])
            parked.didProbe(decider.probed, at: start + .seconds(31))
            decider.begin(parked: parked, freeBytes: .max, at: start + .seconds(31))
            let second = try await claim(&decider, in: store)
            #expect(second.emails.count == 10 && second.postponed == 36 && decider.probed.isEmpty)
            // Nothing is due any more.
            #expect(try await store.read { try $0.queue.nextDue() } == clock.now + ParkedScopes.probeInterval)
            #expect(try await claim(&decider, in: store).emails.isEmpty)
        }
    }

    @Test func `claims stay within the free memory`() async throws {
        try await withStore(clock: clock) { store in
            try await accept(8, of: "large.example", bytes: 300_000, in: store)
            try await accept(8, of: "shop.example", in: store)
            let bytes = MessageMemoryBudget.estimate(ofContent: 300_000)
            var decider = ClaimDecider()
            decider.begin(parked: ParkedScopes(), freeBytes: 3 * bytes - 1, at: start)
            let first = try await claim(&decider, in: store)
            #expect(first.emails.count { $0.email.sender.domain.description == "large.example" } == 3)
            #expect(first.emails.filter { $0.textsAreLeft }.allSatisfy { $0.email.content.text.isEmpty && $0.contentBytes == 300_000 })
            #expect(first.emails.count { $0.email.sender.domain.description == "shop.example" } == 8, "small emails are claimed")
            #expect(first.postponed == 5)
            // An email waits for memory.
            clock.advance(by: .seconds(2))
            decider.begin(parked: ParkedScopes(), freeBytes: 0, at: start + .seconds(2))
            let second = try await claim(&decider, in: store)
            #expect(second.emails.isEmpty && second.postponed == 5)
        }
    }

    @Test func `the email for which claims fail is found`() {
        var failures = ClaimFailures()
        #expect(failures.limit(64) == 64)
        let isFound = failures.didFail()
        #expect(!isFound, "one of many")
        #expect(failures.limit(64) == 1 && failures.limit(0) == 0)
        failures.didSucceed()
        let isFoundNow = failures.didFail()
        #expect(isFoundNow, "the only one")
        for _ in 0..<64 { failures.didSucceed() }
        #expect(failures.limit(64) == 64)
    }
}
