import Hummingbird
import Storage
import Web

/// What supervisors and load balancers ask.
struct HealthOperations: Sendable {
    let store: Store

    var operations: [Operation] {
        [
            .open(.get, "/healthz", Documentation("Whether the program runs", .text("It does.")), health),
            .open(
                .get, "/readyz",
                Documentation("Whether the program can work: its database answers", .text("It can.")), readiness),
        ]
    }

    private static let alive = Response.text("ok\n")

    private func health(_ call: Call) -> Response {
        Self.alive
    }

    private func readiness(_ call: Call) async throws -> Response {
        do {
            // Any query would do; this one touches a table that is there after the migrations.
            _ = try await store.read { try $0.account(0) }
        } catch {
            throw APIError(.serviceUnavailable, "The database does not answer", headers: [.retryAfter: "1"])
        }
        return Self.alive
    }
}
