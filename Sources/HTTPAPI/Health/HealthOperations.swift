import Hummingbird
import Storage
import Web

/// What supervisors and load balancers ask.
struct HealthOperations: Sendable {
    /// Gives the conditions of readiness and what they came to.
    typealias Checks = @Sendable () async -> [ReadinessCheck]

    let readinessChecks: Checks

    var operations: [Operation] {
        [
            .open(.get, "/healthz", Documentation("Whether the program runs", .text("It does.")), health),
            .open(
                .get, "/readyz",
                Documentation(
                    "Whether the program can work: its database answers and takes writes", .text("It can."),
                    .json(.serviceUnavailable, "It cannot; `detail` says why.", .reference("Error"))),
                readiness),
        ]
    }

    private static let alive = Response.text("ok\n")

    private func health(_ call: Call) -> Response {
        Self.alive
    }

    private func readiness(_ call: Call) async throws -> Response {
        let problems = await readinessChecks().compactMap(\.problem)
        guard problems.isEmpty else {
            throw APIError(.serviceUnavailable, problems.joined(separator: "; "), headers: [.retryAfter: "1"])
        }
        return Self.alive
    }
}
