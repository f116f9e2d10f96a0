import Hummingbird
import Metering
import Web

/// `GET /metrics`: what Prometheus reads (specification 14.2).
struct MetricsController: Sendable {
    let report: MetricsReport

    var operations: [Operation] {
        [.metrics("/metrics", Documentation("What the program counts, for Prometheus", .text("The text format, 0.0.4.")), read)]
    }

    private func read(_ call: APIRequest) -> Response {
        .text(report.text, contentType: MetricsReport.contentType)
    }
}
