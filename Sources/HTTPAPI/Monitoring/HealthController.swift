import Hummingbird
import Metering
import Storage
import Web

/// `GET /healthz` and `GET /readyz`, for supervisors and load balancers.
struct HealthController: Sendable {
    let store: Store

    var operations: [Operation] {
        [
            .open(.get, "/healthz", Documentation("Whether the program runs", .text("It does.")), health),
            .open(
                .get, "/readyz",
                Documentation(
                    "Whether the program can work: its database answers and takes writes",
                    .text("It can. A second line says so where deliveries, callbacks and scheduled jobs pause because its clock is wrong."),
                    .json(.serviceUnavailable, "It cannot; `detail` says why.", .error)),
                readiness),
        ]
    }

    private static let alive = Response.text("ok\n")

    private func health(_ request: APIRequest) -> Response {
        Self.alive
    }

    private func readiness(_ request: APIRequest) async throws -> Response {
        let problems = await store.readiness().compactMap(\.problem)
        guard problems.isEmpty else {
            throw APIError(.serviceUnavailable, problems.joined(separator: "; "), headers: [.retryAfter: "1"])
        }
        guard store.isWorkPaused, let clock = store.clock else { return Self.alive }
        return .text(Self.paused(offBy: clock.offset))
    }

    /// The text of a node whose clock is wrong.
    ///
    /// Its status is 200: requests are accepted by the database's time, and no load balancer should remove the node.
    static func paused(offBy offset: Duration) -> String {
        let seconds = offset.components.seconds
        return """
            ok
            deliveries, callbacks and scheduled jobs pause: the clock of this machine is \(abs(seconds)) s \
            \(seconds < 0 ? "behind" : "ahead of") the database's

            """
    }
}

/// `GET /metrics`, for Prometheus (specification 14.2).
struct MetricsController: Sendable {
    let report: MetricsReport

    var operations: [Operation] {
        [.metrics("/metrics", Documentation("What the program counts, for Prometheus", .text("The text format, 0.0.4.")), read)]
    }

    private func read(_ request: APIRequest) -> Response {
        .text(report.text, contentType: MetricsReport.contentType)
    }
}
