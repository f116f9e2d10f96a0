import CoreMetrics
import MailModel
import Metering

/// Counts attempts by their outcomes, and measures how long they take.
struct CallbackMetrics: Sendable {
    private enum Result: String, MetricLabel {
        case delivered, failed, refused, released

        static let name = "outcome"

        init(_ outcome: CallbackOutcome) {
            switch outcome {
            case .delivered: self = .delivered
            case .failed: self = .failed
            case .refused: self = .refused
            case .released: self = .released
            }
        }
    }

    private let attempts: CounterTable<Result>
    private let parked: Counter
    /// The durations of the attempts that were made.
    let calls: CoreMetrics.Timer

    init(_ factory: any MetricsFactory) {
        attempts = CounterTable("martlet_callbacks_total", factory)
        parked = Counter(label: "martlet_callbacks_parked_total", dimensions: [], factory: factory)
        calls = CoreMetrics.Timer(label: "martlet_callback_duration_seconds", dimensions: [], factory: factory)
    }

    /// Counts an attempt.
    ///
    /// - Parameter status: the delivery's status after it; `nil` where another node holds the lease by now.
    func count(_ outcome: CallbackOutcome, _ status: CallbackDelivery.Status?) {
        attempts.count(Result(outcome))
        if status == .parked { parked.increment() }
    }
}
