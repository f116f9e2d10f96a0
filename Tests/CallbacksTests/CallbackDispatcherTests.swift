import CoreMetrics
import JSON
import Logging
import MailModel
import MetricsTestKit
import NIOHTTP1
import ServiceLifecycle
import Storage
import TestSupport
import Testing

@testable import Callbacks

@Suite(.timeLimit(.minutes(1)))
struct CallbackDispatcherTests {
    private struct Fixture: Sendable {
        let store: Store
        let clock: TestClock
        let accountID: Int64
        let domainID: Int64

        func email(_ url: String) async throws -> EmailID {
            let email = Email(
                id: EmailID(at: clock.now), accountID: accountID, userName: "acme", operatorName: "Ann", domainID: domainID,
                sender: EmailAddress(validated: "a@acme.example"), recipient: EmailAddress(validated: "b@customer.example"),
                status: .queued, externalID: "x1", clientID: nil, createdAt: clock.now, updatedAt: clock.now,
                content: EmailContent(subject: "Grüße", text: "t", alias: "Bea", callbacks: [url]))
            try await store.write { try $0.emails.insert(email, dueAt: nil) }
            return email.id
        }

        func change(_ id: EmailID, to status: EmailStatus, details: String? = nil) async throws {
            try await store.write { tx in
                let entry = TimelineEntry(status, at: tx.now, explanation: "why", details: details)
                try tx.emails.recordEvent(on: id, entry, status: status, settles: true)
            }
        }

        /// Advances the clock, and wakes up the dispatcher.
        func advance(by duration: Duration) {
            clock.advance(by: duration)
            store.callbacksQueued.set()
        }

        /// Waits until so many attempts of the email's only delivery are recorded.
        func recorded(_ attempts: Int, of id: EmailID) async throws {
            while try await store.read({ try $0.callbacks.list(of: id) }).first?.attempts.count != attempts { await Task.yield() }
        }

        /// Waits until so many deliveries have this status.
        func settled(_ count: Int, _ status: CallbackDelivery.Status = .delivered) async throws {
            while try await store.read({ try $0.callbacks.list(of: accountID, status: status, after: nil, limit: 1000) }).count < count {
                await Task.yield()
            }
        }
    }

    /// Runs `body` beside a dispatcher, and shuts it down.
    ///
    /// - Returns: when the next callback is due after the shutdown.
    @discardableResult
    private func withDispatcher(
        policy: AddressPolicy = AddressPolicy(allowsPrivate: true), metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        clock: TestClock = TestClock(), _ body: @escaping @Sendable (Fixture) async throws -> Void
    ) async throws -> Timestamp? {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("acme.example")
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let dispatcher = CallbackDispatcher(
                store: store, client: CallbackClient(policy: policy), rules: CallbackClaimRules(owner: "node"), logger: logger,
                metrics: metrics)
            let group = ServiceGroup(configuration: .init(services: [dispatcher], logger: logger))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await body(Fixture(store: store, clock: clock, accountID: domain.accountID, domainID: domain.id))
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            return try await store.read { try $0.callbacks.nextDue() }
        }
    }

    @Test func aChangeOfStatusIsPostedAndSigned() async throws {
        let receiver = try await Receiver()
        try await withDispatcher { fixture in
            let id = try await fixture.email(receiver.url)
            try await fixture.change(id, to: .bouncedPermanent, details: #"{"bounceType":"Permanent"}"#)
            await receiver.received(1)
            let request = receiver.requests[0]
            let delivery = try #require(try await fixture.store.read { try $0.callbacks.list(of: id) }.first)
            let expected = """
                {"id":"\(id)","eventId":"\(delivery.eventID)","status":"BOUNCED_PERMANENT","previousStatus":"QUEUED",\
                "date":"2026-06-15T12:00:00.000Z","timestamp":1781524800000,"from":"a@acme.example","to":"b@customer.example",\
                "subject":"Grüße","externalId":"x1","clientId":null,"alias":"Bea","username":"acme","operator":"Ann",\
                "callback":"\(receiver.url)","explain":"why","details":{"bounceType":"Permanent"}}
                """
            #expect(request.body == expected)
            let secret = try await fixture.store.write { try $0.callbackEndpoints.secret(of: fixture.accountID) }
            let signature = StandardWebhook.signature(
                of: Array(request.body.utf8), id: delivery.id.description, seconds: 1_781_524_800, key: secret.value)
            #expect(request.head.headers["webhook-signature"] == [signature])
            #expect(request.head.headers["webhook-id"] == [delivery.id.description])
            try await fixture.settled(1)
        }
        try await receiver.close()
    }

    @Test func attemptsAreCountedByOutcome() async throws {
        let receiver = try await Receiver { _, number in .status(number == 0 ? 503 : 200) }
        let metrics = TestMetrics()
        try await withDispatcher(policy: AddressPolicy(allowsPrivate: true), metrics: metrics) { fixture in
            let id = try await fixture.email(receiver.url)
            try await fixture.change(id, to: .sent)
            try await fixture.recorded(1, of: id)
            fixture.advance(by: CallbackSchedule.delays[0])
            try await fixture.settled(1)
            // No valid URL.
            try await fixture.change(try await fixture.email("https:///"), to: .sent)
            try await fixture.settled(1, .parked)
        }
        try await receiver.close()
        for (outcome, count) in [("delivered", 1), ("failed", 1), ("refused", 1), ("released", 0)] {
            #expect(try metrics.expectCounter("martlet_callbacks_total", [("outcome", outcome)]).totalValue == Int64(count), "\(outcome)")
        }
        #expect(try metrics.expectCounter("martlet_callbacks_parked_total").totalValue == 1)
        #expect(try metrics.expectTimer("martlet_callback_duration_seconds").values.count == 2)
    }

    @Test func aFailedDeliveryIsRetriedOnScheduleWithTheSameID() async throws {
        let receiver = try await Receiver { _, number in .status(number < 7 ? 503 : 200) }
        try await withDispatcher { fixture in
            let id = try await fixture.email(receiver.url)
            try await fixture.change(id, to: .sent)
            for (number, delay) in CallbackSchedule.delays.enumerated() {
                await receiver.received(number + 1)
                try await fixture.recorded(number + 1, of: id)
                fixture.advance(by: delay)
            }
            await receiver.received(8)
            try await fixture.settled(1)
            let times = receiver.requests.compactMap { $0.head.headers["webhook-timestamp"].first.flatMap(Int64.init) }
            #expect(zip(times.dropFirst(), times).map { .seconds($0 - $1) } == CallbackSchedule.delays)
            #expect(Set(receiver.requests.flatMap { $0.head.headers["webhook-id"] }).count == 1)
            #expect(Set(receiver.requests.map(\.body)).count == 1)
        }
        try await receiver.close()
    }

    @Test func aForbiddenAddressIsParkedAtOnce() async throws {
        let receiver = try await Receiver()
        try await withDispatcher(policy: AddressPolicy(allowsHTTP: true)) { fixture in
            try await fixture.change(try await fixture.email(receiver.url), to: .sent)
            try await fixture.settled(1, .parked)
            let parked = try await fixture.store.read {
                try $0.callbacks.list(of: fixture.accountID, status: .parked, after: nil, limit: 10)
            }
            #expect(parked.first?.attempts.map(\.error) == ["the address is not public (loopback)"])
        }
        #expect(receiver.connections == 0)
        try await receiver.close()
    }

    /// Receivers that take calls and never answer, more of them than the node makes calls at a time.
    @Test func `tarpits of one account leave others' callbacks alone`() async throws {
        let tarpit = try await Receiver { _, _ in .silence }
        let receiver = try await Receiver()
        try await withDispatcher { fixture in
            for number in 0..<300 {
                try await fixture.change(try await fixture.email("\(tarpit.url)/\(number)"), to: .sent)
            }
            // Half of all calls.
            await tarpit.received(128)
            let other = try await fixture.store.makeDomain("other.example", account: "other")
            let neighbour = Fixture(store: fixture.store, clock: fixture.clock, accountID: other.accountID, domainID: other.id)
            for _ in 0..<5 { try await neighbour.change(try await neighbour.email(receiver.url), to: .sent) }
            await receiver.received(5)
            try await neighbour.settled(5)
            #expect(tarpit.requests.count == 128)
        }
        try await tarpit.close()
        try await receiver.close()
    }

    @Test func aShutdownReleasesAttemptsWithoutAnAnswer() async throws {
        let receiver = try await Receiver { _, _ in .silence }
        let clock = TestClock()
        let due = try await withDispatcher(clock: clock) { fixture in
            try await fixture.change(try await fixture.email(receiver.url), to: .sent)
            await receiver.received(1)
        }
        #expect(due == clock.now)
        try await receiver.close()
    }
}
