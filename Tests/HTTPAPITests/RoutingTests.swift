import Hummingbird
import HummingbirdTesting
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct RoutingTests {
    @Test(arguments: ["/", "/nowhere", "/domains/a.example/nowhere", "/outbound", "//", "/%ff", "/domains/a/b/c/d/e"])
    func unknownPaths(path: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, path, token: "")
            #expect(answer.status == 404)
            #expect(answer.text == #"{"detail":"Not found","code":"not_found"}"#)
        }
    }

    @Test(arguments: ["/emails/x/y", "/suppressions/x/y", "/senders/x/y", "/reports/nothing"])
    func unknownPathsOfTheEnvelopeFamily(path: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.patch, path, token: "")
            #expect(answer.status == 404)
            #expect(answer.explain == "Not found")
            #expect(answer.meta["timestamp"]?.integerValue == api.clock.now.milliseconds)
            #expect(answer.meta["transactionId"]?.stringValue?.count == 16)
            #expect(answer.object["data"] == .object(JSONObject()))
        }
    }

    @Test(arguments: [
        ("PATCH", "/domains", "GET, HEAD, POST"), ("POST", "/domains/a.example", "DELETE, GET, HEAD, PUT"),
        ("GET", "/domains/a.example/outbound/increment/", "POST"), ("DELETE", "/healthz", "GET, HEAD"),
        ("OPTIONS", "/api-keys/1", "DELETE, PUT"), ("PROPFIND", "/outbound/reset-daily", "POST"),
    ])
    func otherMethods(method: String, path: String, allow: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(HTTPRequest.Method(method) ?? .get, path, token: "")
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == allow)
            #expect(answer.detail == "Method not allowed, expected \(allow)")
        }
    }

    @Test func health() async throws {
        try await withAPI { api in
            let health = try await api.send(.get, "/healthz?from=balancer", token: "")
            #expect(health.status == 200 && health.text == "ok\n")
            #expect(try await api.send(.get, "/readyz", token: "").status == 200)
            try await api.store.close()
            let ready = try await api.send(.get, "/readyz", token: "")
            #expect(ready.status == 503 && ready.headers[.retryAfter] == "1")
            #expect(try await api.send(.get, "/healthz", token: "").status == 200)
        }
    }

    @Test(arguments: [(400_000, "400 s ahead of"), (-31_500, "31 s behind")] as [(Int64, String)])
    func `Readiness says that work pauses because the clock is wrong`(offset: Int64, words: String) {
        let text = HealthController.paused(offBy: .milliseconds(offset))
        #expect(
            text == "ok\ndeliveries, callbacks and scheduled jobs pause: the clock of this machine is \(words) the database's\n")
    }

    @Test func `Readiness says that a restored database is held`() async throws {
        try await withAPI { api in
            try await api.store.write { try $0.hold.insert(reason: "restored from a backup") }
            #expect(try await api.send(.get, "/readyz", token: "").text == "ok\n")
            try await api.store.refreshHold()
            let held = try await api.send(.get, "/readyz", token: "")
            #expect(held.status == 200 && held.text.contains("held until `martlet release`"))
            #expect(try await api.send(.post, "/api-keys", body: #"{"partner_ref": "acme", "name": "Ann"}"#).status == 201)
        }
    }

    @Test(arguments: [TestingSetup.router, .live])
    func head(setup: TestingSetup) async throws {
        try await withAPI(setup) { api in
            for path in ["/healthz", "/openapi.json", "/nowhere", "/domains"] {
                let get = try await api.send(.get, path, token: "")
                let head = try await api.send(.head, path, token: "")
                #expect(head.status == get.status)
                #expect(head.text.isEmpty)
                #expect(head.headers[.contentLength] == get.headers[.contentLength])
            }
        }
    }

    /// Without the database the answer is temporary: 503 with `Retry-After`.
    @Test func unavailable() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            try await api.store.close()
            for (method, path) in [(HTTPRequest.Method.get, "/domains"), (.post, "/domains/example.com/outbound/increment")] {
                let answer = try await api.send(method, path)
                #expect(answer.status == 503)
                #expect(answer.headers[.retryAfter] == "1")
                #expect(answer.detail == "The service is busy, try again in a moment")
            }
        }
    }

    @Test func overloaded() async throws {
        try await withAPI(capacity: 0) { api in
            let answer = try await api.send(.post, "/domains", body: #"{"name": "a.example"}"#)
            #expect(answer.status == 503 && answer.headers[.retryAfter] == "1")
        }
    }
}
