import Hummingbird
import HummingbirdTesting
import JSON
import Logging
import MailModel
import Storage
import TestSupport
import Testing
import Web

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct AccessLogTests {
    /// One line per request, with the template of its path, and without customers' data.
    @Test func oneLinePerRequest() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("secret.example")
            let token = try await api.token(of: "acme")
            _ = try await api.send(.put, "/domains/secret.example/outbound", token: token, body: #"{"outbound_daily_limit": 4711}"#)
            _ = try await api.send(.get, "/domains?limit=17")
            _ = try await api.send(.get, "/nowhere/secret", token: "")
            _ = try await api.send(.patch, "/domains/secret.example", token: "")
            let lines = api.log.lines
            #expect(lines.map(\.message) == Array(repeating: "Request", count: 4))
            #expect(lines.allSatisfy { $0.level == .info })
            #expect(lines.map { $0.metadata["http.method"] } == ["PUT", "GET", "GET", "PATCH"])
            #expect(lines.map { $0.metadata["http.route"] } == ["/domains/{name}/outbound", "/domains", "-", "/domains/{name}"])
            #expect(lines.map { $0.metadata["http.status"] } == ["200", "200", "404", "405"])
            #expect(lines.map { $0.metadata["account"] } == ["acme", "master", "-", "-"])
            #expect(lines.allSatisfy { Double($0.metadata["http.duration_ms"] ?? "") != nil })
            #expect(Set(lines.compactMap { $0.metadata["request.id"] }).count == 4)
            let everything = lines.flatMap(\.metadata.values).joined(separator: " ")
            for secret in ["secret", token, APIHarness.master, "4711", "limit="] { #expect(!everything.contains(secret)) }
        }
    }

    /// Requests of probes are logged at debug, unless they fail.
    @Test func probesAreQuiet() async throws {
        try await withAPI { api in
            for (path, token) in [("/healthz", ""), ("/readyz", ""), ("/metrics", APIHarness.metrics)] {
                #expect(try await api.send(.get, path, token: token).status == 200)
            }
            #expect(api.log.lines.map(\.level) == [.debug, .debug, .debug])
            #expect(try await api.send(.get, "/metrics", token: "").status == 401)
            try await api.store.close()
            #expect(try await api.send(.get, "/readyz", token: "").status == 503)
            let failed = api.log.lines.dropFirst(3).filter { $0.message == "Request" }
            #expect(failed.map(\.level) == [.info, .info])
            #expect(failed.map { $0.metadata["http.status"] } == ["401", "503"])
        }
    }

    /// An internal error is logged with its cause, and answered without.
    @Test(arguments: [
        ("/domains/x", #"{"detail":"Internal server error","code":"internal_error"}"#),
        ("/emails/x", #""explain":"Internal server error","code":"internal_error"}"#),
    ])
    func unexpectedErrors(path: String, text: String) async throws {
        struct Unexpected: Error {}
        let log = LogRecorder()
        try await withAPI { api in
            let router = Router(context: APIContext.self)
            router.add(middleware: RequestMiddleware(routeGroups: [api.api.routes], logger: log.logger))
            router.get(RouterPath(path)) { _, _ -> Response in throw Unexpected() }
            try await Application(router: router, logger: .silent).test(.router) { client in
                let answer = try await client.execute(uri: path, method: .get) { ($0.status, String(buffer: $0.body)) }
                #expect(answer.0 == .internalServerError && answer.1.contains(text))
            }
        }
        let lines = log.lines
        #expect(lines.map(\.level) == [.error, .info])
        #expect(lines.map(\.message) == ["Request failed", "Request"])
        #expect(lines.first?.metadata["error"]?.contains("Unexpected") == true)
        #expect(lines.first?.metadata["request.id"] == lines.last?.metadata["request.id"])
    }
}
