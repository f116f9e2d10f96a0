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
                    .text(
                        """
                        It can. Further lines say so where deliveries, callbacks and scheduled jobs pause because its clock is wrong, or because the \
                        database was restored and is held.
                        """),
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
        guard store.isWorkPaused else { return Self.alive }
        // 200: requests are accepted, and no load balancer should remove the node.
        let clock = store.isClockWrong ? store.clock.map { Self.paused(offBy: $0.offset) } : nil
        return .text((clock ?? "ok\n") + (store.isHeld ? Self.held : ""))
    }

    /// The line of a database that is held.
    static let held = "deliveries, callbacks and scheduled jobs wait: the database was restored and is held until `martlet release`\n"

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
