import Hummingbird
import TestSupport
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
    @Test(arguments: [APIHarness.master, APIHarness.metrics])
    func `the master token and the metrics token may read`(token: String) async throws {
        try await withAPI { api async throws in
            let answer = try await api.send(.get, "/metrics", token: token)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.hasPrefix("# HELP martlet_http_requests_total Requests.\n"))
        }
    }

    @Test func `other tokens may not`() async throws {
        try await withAPI { api async throws in
            let client = try await api.send(.get, "/metrics", token: api.token())
            #expect(client.status == 403)
            #expect(client.detail == "Metrics token or master token required")
            let stranger = try await api.send(.get, "/metrics", token: "somebody")
            #expect(stranger.status == 401)
            #expect(stranger.headers[.wwwAuthenticate] == "Bearer")
            #expect(try await api.send(.get, "/metrics", token: "").detail == "Invalid authorization header format")
            #expect(try await api.send(.get, "/metrics?name=x").status == 422)
        }
    }

    @Test func `the metrics token may do nothing else`() async throws {
        try await withAPI { api async throws in
            #expect(try await api.send(.get, "/domains", token: APIHarness.metrics).status == 401)
        }
    }

    @Test func `failures are throttled like all others`() async throws {
        try await withAPI { api async throws in
            #expect(try await api.send(.get, "/metrics", token: APIHarness.metrics).status == 200)
            for _ in 0..<10 { #expect(try await api.send(.get, "/metrics", token: "guess").status == 401) }
            let answer = try await api.send(.get, "/metrics", token: "guess")
            #expect(answer.status == 429)
            #expect(answer.headers[.retryAfter] != nil)
            // The token that was used from there goes on, one that was not might be a guess that is right.
            #expect(try await api.send(.get, "/metrics", token: APIHarness.metrics).status == 200)
            #expect(try await api.send(.get, "/metrics", token: APIHarness.master).status == 429)
        }
    }

    @Test func `requests are counted by route, not by path`() async throws {
        try await withAPI { api async throws in
            for name in ["a", "b"] { _ = try await api.send(.get, "/domains/\(name).example") }
            _ = try await api.send(.get, "/nowhere/at/all")
            _ = try await api.send(.put, "/domains")
            _ = try await api.send(HTTPRequest.Method("BREW") ?? .get, "/domains")
            let lines = try await api.send(.get, "/metrics").text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            #expect(
                Set(lines) == [
                    #"martlet_http_requests_total{method="GET",route="/domains/{name}",status="4xx"} 2"#,
                    #"martlet_http_requests_total{method="GET",route="-",status="4xx"} 1"#,
                    #"martlet_http_requests_total{method="PUT",route="/domains",status="4xx"} 1"#,
                    #"martlet_http_requests_total{method="other",route="/domains",status="4xx"} 1"#,
                ])
        }
    }
}
