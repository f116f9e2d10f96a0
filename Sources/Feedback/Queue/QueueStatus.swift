import CoreMetrics
import MailModel
package import Metering
import Synchronization

/// What is counted and measured of one queue.
package final class QueueStatus: Sendable {
    /// What became of a message.
    enum Outcome: String, CaseIterable {
        /// Its event is stored, or was before.
        case ingested
        /// It cannot be read, and stays in the queue.
        case unreadable
        /// It was kept among the unmatched events after too many attempts.
        case kept
        /// It failed for our sake, and stays in the queue.
        case failed
    }

    /// What became of a poll.
    enum Poll: String, CaseIterable {
        case answered, failed
    }

    private struct Labels: MetricLabels {
        var queue: String
        var outcome: String

        var dimensions: [(String, String)] { [("queue", queue), ("outcome", outcome)] }
    }

    private struct Times {
        /// The age of the latest messages when they were done with.
        var lag = Duration.zero
        /// When the messages came that were received here and stay in the queue, and when they were last seen.
        var left: [String: (sentAt: Timestamp, seenAt: Timestamp)] = [:]
    }

    private let name: String
    private let messages: CounterTable<Labels>
    private let polls: CounterTable<Labels>
    private let times = Mutex(Times())
    private let clock: @Sendable () -> Timestamp

    /// A message that was not seen for so long is not in the queue any more: another node had it, or its dead-letter queue has.
    private static let forgetAfter = Duration.seconds(900)
    private static let mostLeft = 1000

    init(of name: String, _ factory: any MetricsFactory, clock: @escaping @Sendable () -> Timestamp) {
        self.name = name
        self.clock = clock
        messages = CounterTable(
            "martlet_sqs_messages_total", factory, from: Outcome.allCases.map { Labels(queue: name, outcome: $0.rawValue) })
        polls = CounterTable("martlet_sqs_polls_total", factory, from: Poll.allCases.map { Labels(queue: name, outcome: $0.rawValue) })
    }

    func count(_ outcome: Outcome, _ amount: Int = 1) {
        if amount > 0 { messages.count(Labels(queue: name, outcome: outcome.rawValue), amount) }
    }

    func count(_ poll: Poll) {
        polls.count(Labels(queue: name, outcome: poll.rawValue))
    }

    /// Notes that nothing waits in the queue.
    func sawEmpty() {
        times.withLock { $0.lag = .zero }
    }

    /// Notes that messages are done with.
    func finished(_ ids: [String], sentAt: [Timestamp]) {
        let now = clock()
        times.withLock { times in
            if let oldest = sentAt.min() { times.lag = max(.zero, now - oldest) }
            for id in ids { times.left[id] = nil }
        }
    }

    /// Notes that a message stays in the queue.
    func left(_ id: String, sentAt: Timestamp?) {
        let now = clock()
        times.withLock { times in
            guard times.left[id] != nil || times.left.count < Self.mostLeft else { return }
            times.left[id] = (sentAt ?? now, now)
        }
    }

    /// Returns `martlet_sqs_lag_seconds` and `martlet_sqs_oldest_seconds`.
    @Sendable package func samples() -> [MetricSample] {
        let now = clock()
        let (lag, oldest) = times.withLock { times in
            times.left = times.left.filter { now - $0.value.seenAt < Self.forgetAfter }
            return (times.lag, times.left.values.map(\.sentAt).min())
        }
        let age = oldest.map { max(.zero, now - $0) } ?? .zero
        return [
            MetricSample("martlet_sqs_lag_seconds", Double(lag.milliseconds) / 1000, [name]),
            MetricSample("martlet_sqs_oldest_seconds", Double(age.milliseconds) / 1000, [name]),
        ]
    }
}
