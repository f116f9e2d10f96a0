import CoreMetrics
import MailModel
import Metering
import Storage

/// The counters of delivery attempts by outcome, and what belongs to them.
struct DeliveryMetrics: Sendable {
    private enum Result: String, MetricLabel {
        case sent, retry, unknown, paused, refused, exhausted

        static let name = "outcome"

        init(_ outcome: SendOutcome) {
            switch outcome {
            case .sent: self = .sent
            case .retry: self = .retry
            case .unknown: self = .unknown
            case .paused: self = .paused
            case .ended(let status, _): self = status == .exhausted ? .exhausted : .refused
            }
        }
    }

    private let attempts: CounterTable<Result>
    /// Calls that the provider throttled.
    let throttled: Counter
    /// The duration of the provider's calls.
    let calls: CoreMetrics.Timer
    /// Rows of the queue that could not be read.
    let unreadable: Counter
    /// How many scopes are parked, as far as this node knows.
    let parked: Gauge

    init(_ factory: any MetricsFactory) {
        attempts = CounterTable("martlet_sends_total", factory)
        throttled = Counter(label: "martlet_sends_throttled_total", dimensions: [], factory: factory)
        calls = CoreMetrics.Timer(label: "martlet_send_duration_seconds", dimensions: [], factory: factory)
        unreadable = Counter(label: "martlet_emails_unreadable_total", dimensions: [], factory: factory)
        parked = Gauge(label: "martlet_sending_parked", dimensions: [], factory: factory)
    }

    func count(_ outcome: SendOutcome) {
        attempts.count(Result(outcome))
    }
}

/// The gauges of the sending rate.
struct RateLimiterGauges: Sendable {
    private let limit: Gauge
    private let share: Gauge
    private let remaining: Gauge

    init(_ factory: any MetricsFactory) {
        limit = Gauge(label: "martlet_send_rate_limit", dimensions: [], factory: factory)
        share = Gauge(label: "martlet_send_rate_share", dimensions: [], factory: factory)
        remaining = Gauge(label: "martlet_send_quota_remaining", dimensions: [], factory: factory)
    }

    /// - Parameter total: of all nodes, messages per second; `nil`: as fast as it goes.
    func show(limit total: Double?) {
        limit.record(total ?? .infinity)
    }

    func show(_ grant: SendingGrant) {
        share.record(grant.share)
        // The largest number stands for a provider that does not count.
        if let left = grant.remaining, left < .max { remaining.record(left) }
    }
}
