import CoreMetrics
import MailModel
import Metering

/// The counters of events, and of what they lead to.
struct FeedbackMetrics: Sendable {
    private struct Event: MetricLabels {
        /// `nil`: of a type that this version does not know.
        var kind: SESEvent.EventType?
        var outcome: Ingestion.Outcome

        var dimensions: [(String, String)] { [("kind", kind?.rawValue ?? "other"), ("outcome", outcome.rawValue)] }
    }

    private let events: CounterTable<Event>
    private let suspended: Counter
    private let warned: Counter
    private let blocked: Counter

    init(_ factory: any MetricsFactory) {
        let expected: [SESEvent.EventType] = [.delivery, .bounce, .complaint]
        events = CounterTable("martlet_feedback_events_total", factory, from: expected.map { Event(kind: $0, outcome: .applied) })
        suspended = Counter(label: "martlet_domains_suspended_total", dimensions: [], factory: factory)
        warned = Counter(label: "martlet_accounts_warned_total", dimensions: [], factory: factory)
        blocked = Counter(label: "martlet_accounts_blocked_total", dimensions: [], factory: factory)
    }

    func count(_ ingestion: Ingestion, _ kind: SESEvent.EventType?) {
        events.count(Event(kind: kind, outcome: ingestion.outcome))
        if ingestion.suspension != nil { suspended.increment() }
        switch ingestion.notice?.event {
        case .accountWarning?: warned.increment()
        case .accountBlocked?: blocked.increment()
        default: break
        }
    }
}

/// The label for why an SNS message was refused: one of the verifier's few phrases.
struct SNSRefusal: MetricLabels {
    var reason: String

    static let malformed = SNSRefusal(reason: "no message of SNS")
    static let closed = SNSRefusal(reason: "events come by a queue")

    var dimensions: [(String, String)] { [("reason", reason)] }
}
