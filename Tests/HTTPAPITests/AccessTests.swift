import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AccessTests {
    @Test(arguments: [
        ("", "Invalid authorization header format"), ("Basic x", "Invalid authorization header format"),
        ("Bearer", "Invalid authorization header format"), ("Bearer a b", "Invalid authorization header format"),
        ("Bearer nobody", "Invalid API key"),
    ])
    func unauthorized(header: String, detail: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(
                .get, "/domains", token: "", headers: header.isEmpty ? [:] : [.authorization: header])
            #expect(answer.status == 401)
            #expect(answer.detail == detail)
            #expect(answer.headers[.wwwAuthenticate] == "Bearer")
        }
    }

    @Test func deactivatedAndExpiredKeys() async throws {
        try await withAPI { api in
            let created = try await api.send(
                .post, "/api-keys", body: #"{"partner_ref": "acme", "expires_at": "2026-06-15T12:00:01Z"}"#)
            let token = created.object["token"]?.stringValue ?? ""
            #expect(try await api.send(.get, "/domains", token: token).status == 200)
            api.clock.advance(by: .seconds(1))
            let expired = try await api.send(.get, "/domains", token: token)
            #expect(expired.status == 401 && expired.detail == "API key has expired")
            let id = created.object["id"]?.integerValue ?? 0
            #expect(try await api.send(.put, "/api-keys/\(id)", body: #"{"active": false, "expires_at": null}"#).status == 200)
            let inactive = try await api.send(.get, "/domains", token: token)
            #expect(inactive.status == 401 && inactive.detail == "API key is deactivated")
        }
    }

    @Test func throttledFailures() async throws {
        try await withAPI { api in
            let (used, fresh) = (try await api.token(), try await api.token())
            #expect(try await api.send(.get, "/domains", token: used).status == 200)
            for _ in 1...10 { #expect(try await api.send(.get, "/domains", token: "x").status == 401) }
            let answer = try await api.send(.get, "/domains", token: "x")
            #expect(answer.status == 429)
            #expect(answer.headers[.retryAfter] == "60")
            for token in [fresh, APIHarness.master] { #expect(try await api.send(.get, "/domains", token: token).status == 429) }
            #expect(try await api.send(.get, "/metrics", token: APIHarness.metrics).status == 429)
            #expect(try await api.send(.get, "/domains", token: used).status == 200)
        }
    }

    @Test(arguments: [
        ("POST", "/outbound/reset-daily"), ("POST", "/outbound/reset-monthly"), ("GET", "/outbound/billing?period=2026-06"),
        ("GET", "/events/unmatched"),
        ("GET", "/accounts"),
        ("GET", "/accounts/acme"), ("PUT", "/domains/example.com/owner"),
    ])
    func masterOnly(method: String, uri: String) async throws {
        try await withAPI { api in
            let token = try await api.token()
            let answer = try await api.send(HTTPRequest.Method(method) ?? .get, uri, token: token)
            #expect(answer.status == 403)
            #expect(answer.detail == "Master token required")
        }
    }

    @Test(arguments: [
        (Scope.read, "GET", "/domains"), (.read, "GET", "/domains/example.com"), (.read, "GET", "/domains/example.com/outbound"),
        (.read, "GET", "/domains/example.com/ses-status"), (.manage, "POST", "/domains"), (.manage, "DELETE", "/domains/example.com"),
        (.manage, "PUT", "/domains/example.com/outbound"), (.manage, "POST", "/domains/example.com/ses-verify"),
        (.send, "POST", "/domains/example.com/outbound/increment"), (.manage, "POST", "/api-keys"), (.manage, "GET", "/api-keys"),
        (.manage, "PUT", "/api-keys/1"), (.manage, "DELETE", "/api-keys/1"), (.manage, "POST", "/api-keys/1/rotate"),
    ])
    func scopes(needed: Scope, method: String, uri: String) async throws {
        try await withAPI { api in
            let token = try await api.token(scopes: Set(Scope.allCases).subtracting([needed]))
            let answer = try await api.send(HTTPRequest.Method(method) ?? .get, uri, token: token)
            #expect(answer.status == 403)
            #expect(answer.detail == "The API key lacks the scope \(needed.rawValue)")
        }
    }

    /// Every operation on another account's domain answers as if it did not exist.
    @Test(arguments: [
        ("GET", "", ""), ("DELETE", "", ""), ("GET", "/outbound", ""), ("PUT", "/outbound", #"{"outbound_daily_limit": 1}"#),
        ("POST", "/outbound/increment", ""), ("POST", "/ses-verify", ""), ("GET", "/ses-status", ""),
    ])
    func foreignDomain(method: String, path: String, body: String) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com", account: "acme")
            let token = try await api.token(of: "other")
            for domain in ["example.com", "nobody.example"] {
                let answer = try await api.send(
                    HTTPRequest.Method(method) ?? .get, "/domains/\(domain)\(path)", token: token, body: body.isEmpty ? nil : body)
                #expect(answer.status == 404)
                #expect(answer.detail == "Domain not found")
            }
        }
    }
}
