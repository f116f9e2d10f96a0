import AmazonSES
import MailModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Outbound

@Suite(.timeLimit(.minutes(1)))
struct VerificationPollerTests {
    private let ses = FakeIdentities()
    private let clock = TestClock()

    /// A poller whose pauses move the clock.
    private func poller(_ store: Store) -> VerificationPoller {
        VerificationPoller(
            store: store, service: VerificationService(store: store, identities: ses),
            senders: SenderService(store: store, identities: ses, approval: .automatic, logger: silent),
            cleanup: IdentityCleanup(store: store, identities: ses, logger: silent), logger: silent
        ) { [clock] in
            clock.advance(by: $0)
        }
    }

    private func makePending(_ name: String, in store: Store) async throws {
        _ = try await store.makeDomain(name, isVerified: false) { [clock] in $0.verification.requestedAt = clock.now }
    }

    private func isVerified(_ name: String, in store: Store) async throws -> Bool? {
        try await store.read { try $0.domains.find(named: DomainName(validated: name))?.verification.isVerified }
    }

    @Test
    func `pending domains are verified, others are not checked`() async throws {
        try await withStore(clock: clock) { store in
            try await makePending("a.example", in: store)
            _ = try await store.makeDomain("b.example", isVerified: false)
            _ = try await store.makeDomain("c.example")
            try await poller(store).round()
            #expect(ses.calls == ["status a.example", "dkim-status a.example"])
            #expect(try await isVerified("a.example", in: store) == true)
        }
    }

    @Test
    func `a round is bounded and paced`() async throws {
        try await withStore(clock: clock) { store in
            for number in 0..<30 { try await makePending("d\(number).example", in: store) }
            ses.answer(identity: .pending, dkim: .pending)
            let start = clock.now
            try await poller(store).round()
            #expect(ses.calls.count == 40)
            #expect(clock.now - start == .seconds(57))
            try await poller(store).round()
            #expect(Set(ses.calls).count == 60)
        }
    }

    @Test
    func `a verified domain is checked daily and loses its verification when SES revokes it`() async throws {
        try await withStore(clock: clock) { store in
            _ = try await store.makeDomain("a.example")
            clock.advance(by: .seconds(86_399))
            try await poller(store).round()
            #expect(ses.calls.isEmpty)
            clock.advance(by: .seconds(2))
            ses.answer(identity: .success, dkim: .failed)
            try await poller(store).round()
            #expect(try await isVerified("a.example", in: store) == false)
        }
    }

    @Test
    func `the longer a domain is pending the more rarely it is checked`() async throws {
        try await withStore(clock: clock) { store in
            try await makePending("a.example", in: store)
            ses.answer(identity: .pending, dkim: .pending)
            for _ in 0..<(2 * 24 * 60) {
                try await poller(store).round()
                clock.advance(by: .seconds(60))
            }
            // Each interval is a twentieth of the time since the request: about 20 × ln(48 h ÷ 20 min) checks, and one a minute before.
            #expect((100...150).contains(ses.calls.count / 2))
        }
    }

    @Test
    func `when SES throttles the round ends, and a domain it refuses does not hold up the others`() async throws {
        try await withStore(clock: clock) { store in
            try await makePending("a.example", in: store)
            try await makePending("b.example", in: store)
            ses.fail(.throttled)
            try await poller(store).round()
            #expect(ses.calls == ["status a.example"])
            ses.fail(.refused)
            try await poller(store).round()
            #expect(ses.calls == ["status a.example", "status a.example", "status b.example"])
            try await poller(store).round()
            #expect(ses.calls.count == 3)
            #expect(
                try await store.read { try $0.domains.find(named: DomainName(validated: "a.example"))?.verification.identity }
                    == .notStarted)
        }
    }
}
