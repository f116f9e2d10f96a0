import AmazonSES
import MailModel
import MetricsTestKit
import Storage
import TestSupport
import Testing

@testable import Feedback

@Suite(.timeLimit(.minutes(1)))
struct FeedbackMetricsTests {
    @Test func `events and their consequences are counted`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("example.com") { $0.counters.sentThisMonth = 1 }
            let metrics = TestMetrics()
            let service = FeedbackService(store: store, guillotine: Guillotine(), logger: silent, metrics: metrics)
            for receipt in ["1", "1", "2"] { try await service.ingest(TestEvent.bounce().bytes, receipt: receipt) }
            try await service.ingest(TestEvent(type: "Invented", object: "").bytes, receipt: "3")
            let counts = [("bounce", "unmatched", 2), ("bounce", "duplicate", 1), ("other", "unknown", 1), ("delivery", "applied", 0)]
            for (kind, outcome, count) in counts {
                let counter = try metrics.expectCounter("martlet_feedback_events_total", [("kind", kind), ("outcome", outcome)])
                #expect(counter.totalValue == Int64(count), "\(kind) \(outcome)")
            }
            #expect(try metrics.expectCounter("martlet_domains_suspended_total").totalValue == 1)
        }
    }

    @Test func `refused messages are counted by the reason`() async throws {
        try await withStore { store in
            let metrics = TestMetrics()
            let receiver = SNSReceiver(
                store: store, feedback: FeedbackService(store: store, guillotine: Guillotine(), logger: silent),
                topics: ["arn:aws:sns:a:1:t"],
                logger: silent, metrics: metrics, verify: nil, confirm: { _ throws(SubscriptionConfirmer.Failure) in })
            _ = try await receiver.receive([])
            let foreign = """
                {"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Message":"{}",
                "Timestamp":"2026-06-15T12:00:00.000Z"}
                """
            _ = try await receiver.receive(Array(foreign.utf8))
            for reason in ["no message of SNS", "topic not allowed"] {
                #expect(try metrics.expectCounter("martlet_sns_messages_refused_total", [("reason", reason)]).totalValue == 1, "\(reason)")
            }
        }
    }
}
