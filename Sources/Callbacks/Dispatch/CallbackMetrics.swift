import CoreMetrics
import MailModel
import Metering

/// Counts what became of calls.
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
    /// The calls themselves.
    let calls: CoreMetrics.Timer

    init(_ factory: any MetricsFactory) {
        attempts = CounterTable("martlet_callbacks_total", factory)
        parked = Counter(label: "martlet_callbacks_parked_total", dimensions: [], factory: factory)
        calls = CoreMetrics.Timer(label: "martlet_callback_duration_seconds", dimensions: [], factory: factory)
    }

    /// - Parameter status: that the delivery has come to; `nil` where it is another node's by now.
    func count(_ outcome: CallbackOutcome, _ status: CallbackDelivery.Status?) {
        attempts.count(Result(outcome))
        if status == .parked { parked.increment() }
    }
}
