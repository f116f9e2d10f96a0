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

/// A provider whose answers a test determines, and that reports its calls.
private final class ScriptedTransport: Transport {
    typealias Answer = Result<String, TransportError>
    let calls: AsyncStream<Email>
    private let didCall: AsyncStream<Email>.Continuation
    private let rate: Double?
    private let answer: @Sendable (Email) -> Answer

    init(rate: Double? = nil, _ answer: @escaping @Sendable (Email) -> Answer) {
        (calls, didCall) = AsyncStream.makeStream(of: Email.self)
        self.rate = rate
        self.answer = answer
    }

    func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        defer { didCall.yield(email) }
        return try answer(email).get()
    }

    func quota() async throws(TransportError) -> TransportQuota? { rate.map { TransportQuota(messagesPerSecond: $0) } }

    func scopes(of origin: SendingOrigin) -> [SendingScope] { SendingScope.identities(of: origin.sender) }
}

/// Counts how many messages are in memory at the same time.
private final class MessageCount: Sendable {
    let count = Mutex((now: 0, most: 0))
}

@Suite(.timeLimit(.minutes(1)))
struct DeliveryTests {
    private let clock = TestClock()

    private func messages(_ store: Store, _ budget: MessageMemoryBudget = MessageMemoryBudget()) -> MessageSource {
        let links = UnsubscribeLinks(secret: [1], base: "http://127.0.0.1")
        return MessageSource(store: store, composer: MessageComposer(links: links, hasPublicURL: false), budget: budget)
    }

    private func settings(owner: String = "node") -> DeliverySettings {
        DeliverySettings(owner: owner)
    }

    private func accept(_ count: Int = 1, of domain: String = "shop.example", text: String = "t", in store: Store) async throws -> [EmailID]
    {
        _ = try await store.makeDomain(domain)
        let submission = Submission(store: store, gate: Gate())
        var ids: [EmailID] = []
        for number in 0..<count {
            let request = EmailRequest(to: "r\(number)@example.org", from: "a@\(domain)", text: text, subject: "s")
            ids.append(try await submission.accept(request, by: .master).email.id)
        }
        return ids
    }

    /// Runs a worker until the transport was called `count` times and every outcome is recorded.
    private func deliver(
        _ count: Int, by transport: ScriptedTransport, in store: Store, metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) async throws {
        try await deliver(by: transport, in: store, metrics: metrics) {
            var calls = transport.calls.makeAsyncIterator()
            for _ in 0..<count { _ = await calls.next() }
        }
    }

    /// Runs a worker until `body` returns and every outcome is recorded.
    private func deliver(
        by transport: ScriptedTransport, in store: Store, budget: MessageMemoryBudget = MessageMemoryBudget(),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, until body: () async throws -> Void
    ) async throws {
        let delivery = DeliveryWorker(
            store: store, transport: transport, messages: messages(store, budget), settings: settings(), logger: Logger(label: "test"),
            metrics: metrics, uptime: uptime)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let services = ServiceGroup(services: [delivery], logger: Logger(label: "test"))
            group.addTask { try await services.run() }
            try await body()
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test func `every email is sent once and recorded`() async throws {
        try await withStore(clock: clock) { store in
            let ids = try await accept(200, in: store)
            let transport = ScriptedTransport { .success("ses-\($0.id)") }
            try await deliver(200, by: transport, in: store)
            for id in ids {
                let email = try #require(try await store.read { try $0.emails.find(id) })
                #expect(email.status == .sent)
                #expect(email.attempts == 1)
                #expect(try await store.read { try $0.sesMessages.find("ses-\(id)") } == id)
                #expect(try await store.read { try $0.timeline.list(of: email) }.map(\.status) == ["QUEUED", "DEQUEUED", "SENT"])
            }
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
        }
    }

    @Test func `a temporary failure is retried by the schedule`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(
                1, by: ScriptedTransport { _ in .failure(.init(.retry(isThrottled: true), "Throttling: slow down")) }, in: store)
            let email = try #require(try await store.read { try $0.emails.find(id) })
            #expect(email.status == .dequeued)
            let due = try #require(try await store.read { try $0.queue.nextDue() })
            #expect((4000...6000).contains((due - clock.now).milliseconds))
            #expect(try await store.read { try $0.timeline.list(of: email) }.last?.explanation == "Throttling: slow down")
            clock.set(due)
            try await deliver(1, by: ScriptedTransport { _ in .success("m") }, in: store)
            #expect(try await store.read { try $0.emails.find(id) }?.status == .sent)
            #expect(try await store.read { try $0.emails.find(id) }?.attempts == 2)
        }
    }

    @Test(arguments: [
        (TransportError.Consequence?.none, "sent"), (.retry(isThrottled: false), "retry"), (.retry(isThrottled: true), "retry"),
        (.permanent(.notSent), "refused"), (.paused, "paused"), (.parked(.identity("shop.example")), "paused"), (.unknown, "unknown"),
    ])
    func `attempts are counted by outcome`(_ consequence: TransportError.Consequence?, _ outcome: String) async throws {
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

    @Test func `an email that is too old ends as EXHAUSTED`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            clock.advance(by: .seconds(24 * 3600))
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.retry(isThrottled: false), "503")) }, in: store)
            #expect(try await store.read { try $0.emails.find(id) }?.status == .exhausted)
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
        }
    }

    @Test func `a permanent refusal ends as NOT_SENT`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.permanent(.notSent), "MessageRejected: no")) }, in: store)
            let email = try #require(try await store.read { try $0.emails.find(id) })
            #expect(email.status == .notSent)
            #expect(try await store.read { try $0.timeline.list(of: email) }.last?.explanation == "MessageRejected: no")
        }
    }

    @Test func `a paused provider costs no email an attempt`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.paused, "AccountSendingPaused")) }, in: store)
            let email = try #require(try await store.read { try $0.emails.find(id) })
            #expect(email.attempts == 0)
            #expect(try await store.read { try $0.queue.nextDue() } == clock.now + .seconds(60))
        }
    }

    private func acceptWithAttachment(in store: Store) async throws -> EmailID {
        _ = try await store.makeDomain("shop.example")
        var request = EmailRequest(to: "r@example.org", from: "a@shop.example", text: "t", subject: "s")
        request.attachments = [.init(filename: "a.bin", content: String(repeating: "AAEC", count: 10_000))]
        return try await Submission(store: store, gate: Gate()).accept(request, by: .master).email.id
    }

    /// Runs a worker with an email that waits for memory.
    ///
    /// - Parameter body: gets how much memory is reserved otherwise, which it may release.
    private func withEmailThatWaits(
        by transport: ScriptedTransport, in store: Store, uptime: TestUptime = TestUptime(),
        _ body: (EmailID, MessageMemoryBudget, Int) async throws -> Void
    ) async throws {
        let id = try await acceptWithAttachment(in: store)
        let queued = AsyncStream<Void>.makeStream()
        let budget = MessageMemoryBudget { queued.continuation.yield() }
        let held = try await budget.reserve(budget.freeBytes - 1)
        try await deliver(by: transport, in: store, budget: budget, uptime: { uptime.now }) {
            for await _ in queued.stream { break }
            try await body(id, budget, held)
        }
    }

    @Test func `an email whose lease ran while it waited is released without an attempt`() async throws {
        try await withStore(clock: clock) { store in
            let uptime = TestUptime()
            let transport = ScriptedTransport { .success("ses-\($0.id)") }
            var email: EmailID?
            try await withEmailThatWaits(by: transport, in: store, uptime: uptime) { id, budget, held in
                email = id
                uptime.advance(by: .seconds(31))
                budget.release(held)
                // Released, it is due again at once.
                var calls = transport.calls.makeAsyncIterator()
                _ = await calls.next()
            }
            let id = try #require(email)
            let sent = try #require(try await store.read { try $0.emails.find(id) })
            #expect(sent.status == .sent)
            #expect(sent.attempts == 1)
            #expect(try await store.read { try $0.timeline.list(of: sent) }.count { $0.status == "DEQUEUED" } == 2)
        }
    }

    @Test func `an email that waits for memory is released on shutdown`() async throws {
        try await withStore(clock: clock) { store in
            var email: EmailID?
            try await withEmailThatWaits(by: ScriptedTransport { _ in .success("m") }, in: store) { id, _, _ in email = id }
            let id = try #require(email)
            #expect(try await store.read { try $0.emails.find(id) }?.attempts == 0)
            #expect(try await store.read { try $0.queue.nextDue() } == clock.now)
        }
    }

    @Test func `messages larger than the budget are composed one by one`() async throws {
        try await withStore(clock: clock) { store in
            let ids = try await accept(3, text: String(repeating: "word ", count: 60_000), in: store)
            let sources = messages(store, MessageMemoryBudget(bytes: 100_000))
            let messageCount = MessageCount()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in ids {
                    let email = try #require(try await store.read { try $0.emails.find(id) })
                    group.addTask {
                        try await sources.withMessage(of: email) { _ in
                            messageCount.count.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                            await Task.yield()
                            messageCount.count.withLock { $0.now -= 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(messageCount.count.withLock { $0.most } == 1)
            #expect(sources.budget.freeBytes == 100_000)
        }
    }

    /// By the wall clock, every later call would wait for the time before the step, past the end of its lease.
    @Test(arguments: [25, 400])
    func `a step back of the clock neither stops the queue nor sends twice`(seconds: Int) async throws {
        try await withStore(clock: clock) { store in
            let ids = try await accept(40, in: store)
            // They are due before the step and after it.
            clock.advance(by: .seconds(500))
            let hasStepped = Mutex(false)
            let calls = Mutex<[EmailID: Int]>([:])
            let transport = ScriptedTransport(rate: 20) { [clock] email in
                calls.withLock { $0[email.id, default: 0] += 1 }
                hasStepped.withLock { hasStepped in
                    if !hasStepped { clock.advance(by: .seconds(-seconds)) }
                    hasStepped = true
                }
                return .success("ses-\(email.id)")
            }
            try await deliver(40, by: transport, in: store)
            #expect(calls.withLock { $0 } == Dictionary(uniqueKeysWithValues: ids.map { ($0, 1) }))
        }
    }

    /// The parked scope has more emails than one claim takes, all due before the others.
    @Test func `mail of a parked scope waits and other mail is sent`() async throws {
        try await withStore(clock: clock) { store in
            let paused = try await accept(300, of: "paused.example", in: store)
            clock.advance(by: .milliseconds(1))
            let others = try await accept(20, in: store)
            let isPaused = Mutex(true)
            let transport = ScriptedTransport { email in
                guard email.sender.domain.description == "paused.example", isPaused.withLock({ $0 }) else {
                    return .success("ses-\(email.id)")
                }
                return .failure(TransportError(.parked(.identity("paused.example")), "AccessDenied"))
            }
            let uptime = TestUptime()
            var refused = 0
            try await deliver(by: transport, in: store, uptime: { uptime.now }) {
                var sent = 0
                for await email in transport.calls {
                    if email.sender.domain.description == "paused.example" { refused += 1 } else { sent += 1 }
                    if sent == others.count { break }
                }
            }
            // Only those under way when the first was refused.
            #expect(refused < paused.count)
            for id in others { #expect(try await store.read { try $0.emails.find(id) }?.status == .sent) }
            for id in paused { #expect(try await store.read { try $0.emails.find(id) }?.attempts == 0) }
            isPaused.withLock { $0 = false }
            clock.advance(by: .seconds(60))
            let next = ScriptedTransport { .success("ses-\($0.id)") }
            try await deliver(paused.count, by: next, in: store)
            for id in paused {
                let email = try #require(try await store.read { try $0.emails.find(id) })
                #expect(email.status == .sent && email.attempts == 1)
            }
        }
    }

    @Test func `a missing attachment fails the message`() async throws {
        try await withStore(clock: clock) { store in
            let id = try await acceptWithAttachment(in: store)
            let sources = messages(store)
            await #expect(throws: StorageError.self) {
                var email = try #require(try await store.read { try $0.emails.find(id) })
                email.content.attachments += email.content.attachments
                try await sources.withMessage(of: email) { _ in }
            }
            #expect(sources.budget.freeBytes == MessageMemoryBudget.defaultBytes, "a failure releases its memory")
        }
    }

    @Test func `an unknown outcome waits for its grace period`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await deliver(1, by: ScriptedTransport { _ in .failure(.init(.unknown, "connection reset")) }, in: store)
            #expect(try await store.read { try $0.queue.nextDue() } == clock.now + .seconds(120))
            // After the provider's event there is no second attempt.
            try await store.write { try $0.emails.recordEvent(on: id, TimelineEntry(.sent, at: $0.now), status: .sent, settles: true) }
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
        }
    }

    @Test func `emails of a dead node are claimed after lease and grace period`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            let claim: @Sendable (String) async throws -> [EmailID] = { owner in
                try await store.write { try TestClaim(owner: owner, grace: .seconds(120)).run(in: $0).map(\.id) }
            }
            #expect(try await claim("dead") == [id])
            #expect(try await claim("other") == [])
            clock.advance(by: .seconds(61))
            #expect(try await claim("other") == [], "the lease is over, the outcome unknown")
            clock.advance(by: .seconds(119))
            #expect(try await claim("other") == [], "an event of SES may still settle it")
            clock.advance(by: .seconds(2))
            #expect(try await claim("other") == [id])
            // A failure that a node reports after its lease changes nothing.
            try await store.write { try $0.queue.record(.retry(at: $0.now, explanation: "late"), of: id, owner: "dead") }
            #expect(try await claim("third") == [])
            // A late success is recorded, so that no other node sends the email again.
            try await store.write { try $0.queue.record(.sent(messageID: "late"), of: id, owner: "dead") }
            #expect(try await store.read { try $0.emails.find(id) }?.status == .sent)
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
        }
    }

    @Test func `emails of a suspended domain are not sent`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: DomainName(validated: "shop.example")) else { return }
                domain.suspend(reason: "guillotine", at: tx.now)
                tx.domains.update(domain)
            }
            #expect(try await store.write { try TestClaim(grace: .seconds(120)).run(in: $0) }.isEmpty)
            #expect(try await store.read { try $0.emails.find(id) }?.status == .blockedDueBadBehaviour)
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
        }
    }

    /// The claim sees changes of its own commit that are not written yet.
    @Test func `a suspension in the same commit stops the claim`() async throws {
        try await withStore(clock: clock) { store in
            let id = try #require(try await accept(in: store).first)
            let claimed = try await store.write { tx in
                guard var domain = try tx.domains.find(named: DomainName(validated: "shop.example")) else { return 0 }
                domain.suspend(reason: "guillotine", at: tx.now)
                tx.domains.update(domain)
                return try TestClaim(grace: .seconds(120)).run(in: tx).count
            }
            #expect(claimed == 0)
            #expect(try await store.read { try $0.emails.find(id) }?.status == .blockedDueBadBehaviour)
        }
    }
}
