import CoreMetrics
import Hummingbird
import Metering

/// Counts requests, and measures the time until their answer begins.
struct RequestMetrics: Sendable {
    private struct Operation: MetricLabels {
        var method: String
        var route: String

        var dimensions: [(String, String)] { [("method", method), ("route", route)] }
    }

    private struct Outcome: MetricLabels {
        var operation: Operation
        /// The first digit.
        var statusClass: Int

        var dimensions: [(String, String)] { operation.dimensions + [("status", "\(statusClass)xx")] }
    }

    /// Other methods are counted as `other`: clients may send any.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let requests: CounterTable<Outcome>
    private let durations: TimerTable<Operation>

    init(_ factory: any MetricsFactory) {
        requests = CounterTable("martlet_http_requests_total", factory)
        durations = TimerTable("martlet_http_request_duration_seconds", factory)
    }

    /// - Parameter route: with the names of parameters in braces; `-` where there is none.
    func record(_ method: HTTPRequest.Method, route: String, _ status: HTTPResponse.Status, _ duration: Duration) {
        let operation = Operation(method: Self.methods.contains(method.rawValue) ? method.rawValue : "other", route: route)
        requests.count(Outcome(operation: operation, statusClass: Int(status.code) / 100))
        durations.record(operation, duration)
    }
}
