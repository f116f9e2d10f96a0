import CoreMetrics
import Logging
import MailModel
import MetricsTestKit
import ServiceLifecycle
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Sending

/// A provider that answers as a test says, and tells when it was called.
private final class ScriptedTransport: Transport {
    typealias Answer = Result<String, TransportError>
    let calls: AsyncStream<Email>
    private let didCall: AsyncStream<Email>.Continuation
    private let answer: @Sendable (Email) -> Answer

    init(_ answer: @escaping @Sendable (Email) -> Answer) {
        (calls, didCall) = AsyncStream.makeStream(of: Email.self)
        self.answer = answer
    }

    func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        defer { didCall.yield(email) }
        return try answer(email).get()
    }

    func quota() async throws(TransportError) -> TransportQuota? { nil }
}

@Suite(.timeLimit(.minutes(1)))
struct DeliveryTests {
    private let clock = TestClock()

    private func messages(_ store: Store) -> MessageSource {
        let links = UnsubscribeLinks(secret: [1], base: "http://127.0.0.1")
        return MessageSource(store: store, composer: MessageComposer(links: links, hasPublicURL: false))
    }

    private func settings(owner: String = "node") -> DeliverySettings {
        DeliverySettings(owner: owner)
    }

    private func accept(_ count: Int = 1, in store: Store) async throws -> [EmailID] {
        _ = try await store.makeDomain("shop.example")
        let submission = Submission(store: store, gate: Gate())
        var ids: [EmailID] = []
        for number in 0..<count {
            let request = EmailRequest(to: "r\(number)@example.org", from: "a@shop.example", text: "t", subject: "s")
            ids.append(try await submission.accept(request, by: .master).email.id)
        }
        return ids
    }

    /// Runs the delivery until the transport was called `count` times and every outcome is recorded.
    private func deliver(
        _ count: Int, by transport: ScriptedTransport, in store: Store, metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) async throws {
        let delivery = Delivery(
            store: store, transport: transport, messages: messages(store), settings: settings(), logger: Logger(label: "test"),
            metrics: metrics, didLearnMessageID: { _, _, _ in })
        try await withThrowingTaskGroup(of: Void.self) { group in
            let services = ServiceGroup(services: [delivery], logger: Logger(label: "test"))
            group.addTask { try await services.run() }
            var calls = transport.calls.makeAsyncIterator()
            for _ in 0..<count { _ = await calls.next() }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test func everyEmailIsHandedOverOnceAndRecorded() async throws {
        try await withStore(clock: clock) { store in
            let ids = try await accept(200, in: store)
            let transport = ScriptedTransport { .success("ses-\($0.id)") }
            try await deliver(200, by: transport, in: store)
            for id in ids {
                let email = try #require(try await store.read { try $0.email(id) })
                #expect(email.status == .sent)
                #expect(email.attempts == 1)
                #expect(try await store.read { try $0.emailID(sesMessageID: "ses-\(id)") } == id)
                #expect(try await store.read { try $0.timeline(of: email) }.map(\.status) == ["QUEUED", "DEQUEUED", "SENT"])
            }
            #expect(try await store.read { try $0.nextDue() } == nil)
        }
    }

    @Test func whatFailedForNowIsDueAgainByTheSchedule() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(
                1, by: ScriptedTransport { _ in .failure(.init(.retry(isThrottled: true), "Throttling: slow down")) }, in: store)
            let email = try #require(try await store.read { try $0.email(id) })
            #expect(email.status == .dequeued)
            let due = try #require(try await store.read { try $0.nextDue() })
            #expect((4000...6000).contains((due - clock.now).milliseconds))
            #expect(try await store.read { try $0.timeline(of: email) }.last?.explanation == "Throttling: slow down")
            clock.set(due)
            try await deliver(1, by: ScriptedTransport { _ in .success("m") }, in: store)
            #expect(try await store.read { try $0.email(id) }?.status == .sent)
            #expect(try await store.read { try $0.email(id) }?.attempts == 2)
        }
    }

    @Test(arguments: [
        (TransportError.Consequence?.none, "sent"), (.retry(isThrottled: false), "retry"), (.retry(isThrottled: true), "retry"),
        (.permanent(.notSent), "refused"), (.paused, "paused"), (.unknown, "unknown"),
    ])
    func attemptsAreCountedByOutcome(_ consequence: TransportError.Consequence?, _ outcome: String) async throws {
        try await withStore(clock: clock) { store in
            _ = try await accept(in: store)
            let metrics = TestMetrics()
            let transport = ScriptedTransport { _ in consequence.map { .failure(TransportError($0, "why")) } ?? .success("m") }
            try await deliver(1, by: transport, in: store, metrics: metrics)
            for known in ["sent", "retry", "unknown", "paused", "refused", "exhausted"] {
                #expect(try metrics.expectCounter("martlet_sends_total", [("outcome", known)]).totalValue == (known == outcome ? 1 : 0))
            }
            #expect(
                try metrics.expectCounter("martlet_sends_throttled_total").totalValue == (consequence == .retry(isThrottled: true) ? 1 : 0))
            #expect(try metrics.expectTimer("martlet_send_duration_seconds").values.count == 1)
        }
    }

    @Test func anEmailThatIsTooOldIsExhausted() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            clock.advance(by: .seconds(24 * 3600))
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.retry(isThrottled: false), "503")) }, in: store)
            #expect(try await store.read { try $0.email(id) }?.status == .exhausted)
            #expect(try await store.read { try $0.nextDue() } == nil)
        }
    }

    @Test func whatTheProviderRefusesForGoodIsNotSent() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.permanent(.notSent), "MessageRejected: no")) }, in: store)
            let email = try #require(try await store.read { try $0.email(id) })
            #expect(email.status == .notSent)
            #expect(try await store.read { try $0.timeline(of: email) }.last?.explanation == "MessageRejected: no")
        }
    }

    @Test func aPausedProviderFailsNoEmailAndUsesUpNoAttempt() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.paused, "AccountSendingPaused")) }, in: store)
            let email = try #require(try await store.read { try $0.email(id) })
            #expect(email.attempts == 0)
            #expect(try await store.read { try $0.nextDue() } == clock.now + .seconds(60))
        }
    }

    private func acceptWithAttachment(in store: Store) async throws -> EmailID {
        _ = try await store.makeDomain("shop.example")
        var request = EmailRequest(to: "r@example.org", from: "a@shop.example", text: "t", subject: "s")
        request.attachments = [.init(filename: "a.bin", content: "AAEC")]
        return try await Submission(store: store, gate: Gate()).accept(request, by: .master).email.id
    }

    /// While it waited behind others with large attachments, another node may have taken it over.
    @Test func whatWaitedTooLongIsGivenBackAndUsesUpNoAttempt() async throws {
        try await withStore(clock: clock) { store in
            let id = try await acceptWithAttachment(in: store)
            let sources = messages(store)
            let email = try #require(try await store.read { try $0.email(id) })
            let held = AsyncStream<Void>.makeStream()
            let released = AsyncStream<Void>.makeStream()
            let holder = Task {
                var large = email
                large.content.attachments[0].size = 1 << 30
                try await sources.withMessage(of: large) { _ in
                    held.continuation.yield()
                    for await _ in released.stream { break }
                }
            }
            var waits = held.stream.makeAsyncIterator()
            await waits.next()
            let transport = ScriptedTransport { .success("ses-\($0.id)") }
            let delivery = Delivery(
                store: store, transport: transport, messages: sources, settings: settings(), logger: Logger(label: "test"),
                didLearnMessageID: { _, _, _ in })
            try await withThrowingTaskGroup(of: Void.self) { group in
                let services = ServiceGroup(services: [delivery], logger: Logger(label: "test"))
                group.addTask { try await services.run() }
                while !sources.isFull { await Task.yield() }
                clock.advance(by: .seconds(31))
                released.continuation.yield()
                // Given back, it is due again at once.
                var calls = transport.calls.makeAsyncIterator()
                _ = await calls.next()
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            }
            try await holder.value
            let sent = try #require(try await store.read { try $0.email(id) })
            #expect(sent.status == .sent)
            #expect(sent.attempts == 1)
            #expect(try await store.read { try $0.timeline(of: sent) }.count { $0.status == "DEQUEUED" } == 2)
        }
    }

    @Test func noMessageIsMadeWithoutAllOfItsAttachments() async throws {
        try await withStore(clock: clock) { store in
            let id = try await acceptWithAttachment(in: store)
            let sources = messages(store)
            await #expect(throws: StorageError.self) {
                var email = try #require(try await store.read { try $0.email(id) })
                email.content.attachments += email.content.attachments
                try await sources.withMessage(of: email) { _ in }
            }
            #expect(!sources.isFull, "What failed gives its room back.")
        }
    }

    @Test func anUnknownOutcomeWaitsForItsGrace() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.unknown, "connection reset")) }, in: store)
            #expect(try await store.read { try $0.nextDue() } == clock.now + .seconds(120))
            // The provider's own event settles it: there is no second attempt.
            try await store.write { try $0.recordEvent(on: id, TimelineEntry(.sent, at: $0.now), status: .sent, settles: true) }
            #expect(try await store.read { try $0.nextDue() } == nil)
        }
    }

    @Test func theWorkOfADeadNodeIsTakenOverAfterLeaseAndGrace() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            let claim: @Sendable (String) async throws -> [EmailID] = { owner in
                try await store.write { try $0.claimEmails(owner: owner, lease: .seconds(60), grace: .seconds(120), limit: 10).map(\.id) }
            }
            #expect(try await claim("dead") == [id])
            #expect(try await claim("other") == [])
            clock.advance(by: .seconds(61))
            #expect(try await claim("other") == [], "the lease is over, the outcome unknown")
            clock.advance(by: .seconds(119))
            #expect(try await claim("other") == [], "SES may still tell")
            clock.advance(by: .seconds(2))
            #expect(try await claim("other") == [id])
            // That it failed is no news from a node whose email is another's by now.
            try await store.write { try $0.record(.retry(at: $0.now, explanation: "late"), of: id, owner: "dead") }
            #expect(try await claim("third") == [])
            // That SES has it is: nobody else has to send it.
            try await store.write { try $0.record(.sent(messageID: "late"), of: id, owner: "dead") }
            #expect(try await store.read { try $0.email(id) }?.status == .sent)
            #expect(try await store.read { try $0.nextDue() } == nil)
        }
    }

    @Test func aSuspendedDomainsQueueIsNotSent() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await store.write { context in
                guard var domain = try context.domain(named: DomainName(validated: "shop.example")) else { return }
                domain.suspend(reason: "guillotine", at: context.now)
                context.save(domain)
            }
            #expect(try await store.write { try $0.claimEmails(owner: "n", lease: .seconds(60), grace: .seconds(120), limit: 10) }.isEmpty)
            #expect(try await store.read { try $0.email(id) }?.status == .blockedDueBadBehaviour)
            #expect(try await store.read { try $0.nextDue() } == nil)
        }
    }

    /// The queue and an event that suspends may share a commit: what is not written yet counts too.
    @Test func aSuspensionOfTheSameCommitHoldsTheQueue() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            let claimed = try await store.write { context in
                guard var domain = try context.domain(named: DomainName(validated: "shop.example")) else { return 0 }
                domain.suspend(reason: "guillotine", at: context.now)
                context.save(domain)
                return try context.claimEmails(owner: "n", lease: .seconds(60), grace: .seconds(120), limit: 10).count
            }
            #expect(claimed == 0)
            #expect(try await store.read { try $0.email(id) }?.status == .blockedDueBadBehaviour)
        }
    }
}
