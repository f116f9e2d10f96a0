import AmazonSES
import MailModel
import Metering
import MetricsTestKit
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Feedback

@Suite(.timeLimit(.minutes(1)))
struct QueuePollerTests {
    private static let topic = "arn:aws:sns:us-east-1:123456789012:feedback"

    private func poller(
        of queue: TestQueue, _ store: Store, _ feedback: FeedbackService, maximumReceives: Int = 5, mostPolls: Int = 4,
        metrics: TestMetrics = TestMetrics(), pause: @escaping @Sendable (Duration) async -> Void = { _ in }
    ) -> QueuePoller {
        QueuePoller(
            queue, store: store, feedback: feedback, maximumReceives: maximumReceives, mostPolls: mostPolls, logger: silent,
            metrics: metrics, pause: pause)
    }

    private func text(_ event: TestEvent) -> String { String(decoding: event.bytes, as: UTF8.self) }

    /// The kind, the reason and the payload of what is kept of no email.
    private func kept(in store: Store) async throws -> [UnmatchedEvent] {
        try await store.read { try $0.unmatchedEvents.list(limit: 100) }
    }

    @Test func `each message is taken in once, and deleted`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let queue = TestQueue((0..<95).map { QueueBodyTests.envelope(text(.bounce().about("m-\($0)")), id: "id-\($0)") })
            await queue.drain(by: poller(of: queue, store, feedback))
            #expect(try await store.domain("example.com").counters.bounces == 95)
            #expect(queue.state.withLock { Set($0.deleted).count } == 95)
        }
    }

    /// The same event in every envelope, at the webhook too, in any order.
    @Test(arguments: [0, 1, 2, 3])
    func `the same event counts once, with and without an envelope`(first: Int) async throws {
        try await withFeedback { feedback, store, _ async throws in
            let event = text(.bounce()).replacing(#""bounceType""#, with: #""feedbackId":"f-1","bounceType""#)
            var bodies = [
                event, QueueBodyTests.envelope(event, id: "id-1"), QueueBodyTests.bridged(event),
                QueueBodyTests.envelope(event, id: "id-2"),
            ]
            bodies.swapAt(0, first)
            let queue = TestQueue(bodies)
            await queue.drain(by: poller(of: queue, store, feedback, mostPolls: 1))
            let webhook = SNSReceiver(
                store: store, feedback: feedback, topics: [Self.topic], logger: silent, verify: nil,
                confirm: { _ throws(SubscriptionConfirmer.Failure) in })
            #expect(try await webhook.receive(Array(QueueBodyTests.envelope(event, id: "id-1").utf8)) == .accepted)
            #expect(try await webhook.receive(Array(QueueBodyTests.envelope(event, id: "id-3").utf8)) == .accepted)
            #expect(try await store.domain("example.com").counters.bounces == 1)
            #expect(queue.state.withLock { $0.deleted.count } == 4)
        }
    }

    private static let opens = TestEvent(type: "Open", object: #""timestamp":"2026-06-15T12:00:00.000Z""#)

    @Test(
        arguments: [
            ([opens, opens], 1), ([opens, opens.about("m-2")], 2),
            ([opens, TestEvent(type: "Open", object: #""timestamp":"2026-06-15T12:00:00.001Z""#)], 2),
            ([opens, TestEvent(type: "Click", object: #""timestamp":"2026-06-15T12:00:00.000Z""#)], 2),
            (
                [
                    TestEvent(type: "Click", object: #""timestamp":"2026-06-15T12:00:00.000Z","link":"https://a.example/""#),
                    TestEvent(type: "Click", object: #""timestamp":"2026-06-15T12:00:00.000Z","link":"https://b.example/""#),
                ], 2
            ),
            ([TestEvent.bounce(), .bounce()], 1), ([TestEvent.bounce(), .bounce(of: ["other@example.com"])], 2),
            ([TestEvent.bounce(), .complaint()], 2), ([TestEvent.bounce().about(nil), TestEvent.bounce().about(nil)], 2),
        ] as [([TestEvent], Int)])
    func `raw events are told apart by what they say`(events: [TestEvent], count: Int) async throws {
        try await withFeedback { feedback, store, _ async throws in
            let queue = TestQueue(events.map(text))
            await queue.drain(by: poller(of: queue, store, feedback))
            #expect(try await kept(in: store).count == count)
        }
    }

    @Test func `what could not be deleted comes again and changes nothing`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let metrics = TestMetrics()
            let queue = TestQueue([QueueBodyTests.envelope(text(.bounce())), text(.complaint())])
            queue.state.withLock { $0.deleteFailures = 3 }
            await queue.drain(by: poller(of: queue, store, feedback, metrics: metrics))
            let counters = try await store.domain("example.com").counters
            #expect(counters.bounces == 1 && counters.complaints == 1)
            #expect(queue.state.withLock { $0.deleted.count } == 2)
            let counter = try metrics.expectCounter("martlet_sqs_messages_total", [("queue", "ses-events"), ("outcome", "ingested")])
            #expect(counter.totalValue == 4)
        }
    }

    @Test func `a message that cannot be read is kept after its receipts, and holds up no other`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let metrics = TestMetrics()
            let queue = TestQueue(["{\"no\":\"event\u{0}\"}", text(.bounce())])
            await queue.drain(by: poller(of: queue, store, feedback, metrics: metrics))
            #expect(queue.state.withLock { $0.deleted } == ["q-2", "q-1"])
            #expect(try await store.domain("example.com").counters.bounces == 1)
            let poison = try #require(try await kept(in: store).first { $0.kind == "unreadable" })
            #expect(poison.payload == "{\"no\":\"event\"}" && poison.reason == "The message is no event of SES, of SNS or of EventBridge.")
            for (outcome, count) in [("unreadable", 4), ("kept", 1), ("ingested", 1), ("failed", 0)] {
                let counter = try metrics.expectCounter("martlet_sqs_messages_total", [("queue", "ses-events"), ("outcome", outcome)])
                #expect(counter.totalValue == Int64(count), "\(outcome)")
            }
        }
    }

    @Test func `with a dead-letter queue it is left to that`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let queue = TestQueue(["poison", text(.bounce())], deadLetterQueue: "arn:aws:sqs:us-east-1:123456789012:dead")
            await queue.drain(by: poller(of: queue, store, feedback, maximumReceives: 2))
            let (deleted, dead) = queue.state.withLock { ($0.deleted, $0.dead) }
            #expect(deleted == ["q-2"] && dead == ["q-1"])
            #expect(try await kept(in: store).allSatisfy { $0.kind != "unreadable" })
        }
    }

    @Test func `a message is not given up where it is not known whether there is a dead-letter queue`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let queue = TestQueue(["poison"])
            queue.state.withLock { $0.attributeFailures = 2 }
            await queue.drain(by: poller(of: queue, store, feedback, maximumReceives: 1))
            #expect(try await kept(in: store).count == 1)
            #expect(queue.state.withLock { $0.limits.count } >= 3)
        }
    }

    @Test func `while the database takes no writes, messages are hidden and no more are asked for`() async throws {
        try await withDatabase { database in
            let engine = StoppableDatabase(database)
            let clock = TestClock()
            let store = Store(engine, clock: { clock.now })
            try await store.migrate()
            _ = try await store.makeDomain("example.com") { $0.counters.sentThisMonth = 1000 }
            let feedback = FeedbackService(store: store, guillotine: Guillotine(), logger: silent)
            let queue = TestQueue([text(.bounce())])
            let pauses = Mutex<[Duration]>([])
            engine.stop(true)
            let poller = poller(of: queue, store, feedback, mostPolls: 1) { duration in
                pauses.withLock { $0.append(duration) }
                engine.stop(false)
            }
            await queue.drain(by: poller)
            #expect(try await store.domain("example.com").counters.bounces == 1)
            let (hidden, deleted) = queue.state.withLock { ($0.hiddenFor, $0.deleted) }
            #expect(hidden.first == .seconds(2) && deleted == ["q-1"])
            #expect(pauses.withLock { $0 } == [.seconds(1)])
            // One receipt for the failure, one for the success, and the last long poll.
            #expect(queue.state.withLock { $0.limits.count } == hidden.count + 2)
        }
    }

    @Test func `an unreachable queue is asked again at growing intervals`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let metrics = TestMetrics()
            let queue = TestQueue([text(.bounce())])
            queue.state.withLock { $0.receiveFailures = Array(repeating: SQSError(code: "ConnectionError", message: "m"), count: 3) }
            let pauses = Mutex<[Duration]>([])
            let poller = poller(of: queue, store, feedback, metrics: metrics) { duration in pauses.withLock { $0.append(duration) } }
            await queue.drain(by: poller)
            #expect(pauses.withLock { $0 } == [.seconds(1), .seconds(2), .seconds(4)])
            #expect(try await store.domain("example.com").counters.bounces == 1)
            let counter = try metrics.expectCounter("martlet_sqs_polls_total", [("queue", "ses-events"), ("outcome", "failed")])
            #expect(counter.totalValue == 3)
        }
    }

    @Test func `an answer that is too large is asked for in smaller parts`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let queue = TestQueue([text(.bounce())])
            queue.state.withLock { $0.receiveFailures = Array(repeating: SQSError(code: "AnswerTooLarge", message: "m"), count: 2) }
            await queue.drain(by: poller(of: queue, store, feedback, mostPolls: 1))
            #expect(queue.state.withLock { $0.limits.prefix(3) } == [10, 5, 2])
        }
    }

    @Test func `lag is that of the last messages, and the oldest that stays is shown until it is not seen any more`() async throws {
        let clock = TestClock()
        let status = QueueStatus(of: "q", TestMetrics()) { clock.now }
        func values() -> [Double] { status.samples().map(\.value) }
        #expect(values() == [0, 0])
        let start = clock.now
        clock.advance(by: .seconds(90))
        status.left("a", sentAt: start)
        status.finished(["b"], sentAt: [start + .seconds(30), start + .seconds(80)])
        #expect(values() == [60, 90])
        clock.advance(by: .seconds(600))
        #expect(values() == [60, 690])
        status.finished(["a"], sentAt: [])
        status.sawEmpty()
        #expect(values() == [0, 0])
        status.left("c", sentAt: start)
        clock.advance(by: .seconds(901))
        #expect(values() == [0, 0])
    }
}
