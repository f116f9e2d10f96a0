import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KeyTests {
    @Test func lifeOfAKey() async throws {
        try await withAPI { api in
            let created = try await api.send(
                .post, "/api-keys",
                body: #"{"partner_ref": "acme", "name": "Ann", "scopes": ["send", "read"], "expires_at": "2026-06-16T00:00:00+02:00"}"#)
            #expect(created.status == 201)
            #expect(created.headers[.cacheControl] == "no-store")
            let names = ["id", "token", "partner_ref", "name", "scopes", "active", "expires_at", "created_at", "last_used_at"]
            #expect(created.object.names == names)
            let token = created.object["token"]?.stringValue ?? ""
            #expect(try await api.send(.get, "/domains", token: token).status == 200)
            #expect(try await api.send(.post, "/domains", token: token, body: "{}").status == 403)
            let listed = try await api.send(.get, "/api-keys")
            #expect(!listed.text.contains(token))
            var expected = created.object
            expected["token"] = nil
            #expect(listed.json?.arrayValue == [.object(expected)])
            let changed = try await api.send(.put, "/api-keys/1", body: #"{"name": "Bob", "scopes": ["manage"], "expires_at": null}"#)
            #expect(
                changed.text == """
                    {"id":1,"partner_ref":"acme","name":"Bob","scopes":["manage"],"active":true,"expires_at":null,\
                    "created_at":"2026-06-15T12:00:00.000Z","last_used_at":null}
                    """)
            #expect(try await api.send(.get, "/domains", token: token).status == 403)
            #expect(try await api.send(.delete, "/api-keys/1").status == 204)
            #expect(try await api.send(.get, "/domains", token: token).detail == "Invalid API key")
        }
    }

    @Test(arguments: [
        (#"{}"#, "partner_ref: missing"), (#"{"partner_ref": 1}"#, "partner_ref: expected a string, found 1"),
        (#"{"partner_ref": ""}"#, "partner_ref"), (#"{"partner_ref": "a", "scopes": ["admin"]}"#, "scopes: expected a non-empty array of"),
        (#"{"partner_ref": "a", "scopes": []}"#, "scopes: expected"), (#"{"partner_ref": "a", "scopes": "send"}"#, "scopes: expected"),
        (#"{"partner_ref": "a", "expires_at": "tomorrow"}"#, #"expires_at: expected an RFC 3339 time or null, found "tomorrow""#),
        (#"{"partner_ref": "a", "expires_at": "2026-06-15T12:00:00Z"}"#, "expires_at: must be a time in the future"),
        (#"{"partner_ref": "a", "token": "mine"}"#, "token: unknown field"), (#"{"partner_ref": "a", "active": "yes"}"#, "active"),
    ])
    func badKeys(body: String, detail: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/api-keys", body: body)
            #expect(answer.status == 422)
            #expect(answer.detail?.contains(detail) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/api-keys").text == "[]")
        }
    }

    @Test(arguments: ["7", "0", "-1", "x", "99999999999999999999", "%31%20"])
    func unknownKeys(id: String) async throws {
        try await withAPI { api in
            for answer in [try await api.send(.put, "/api-keys/\(id)", body: "{}"), try await api.send(.delete, "/api-keys/\(id)")] {
                #expect(answer.status == 404 && answer.detail == "API key not found")
            }
        }
    }

    @Test func accounts() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("a.example", account: "acme")
            _ = try await api.store.makeDomain("b.example", account: "acme")
            _ = try await api.token(of: "Müller & Co/Süd")
            let acme = #"{"partner_ref":"acme","domains":["b.example","a.example"],"status":"ok","created_at":"2026-06-15T12:00:00.000Z"}"#
            #expect(try await api.send(.get, "/accounts/acme").text == acme)
            #expect(try await api.send(.get, "/accounts/M%C3%BCller%20%26%20Co%2FS%C3%BCd").status == 200)
            let all = try await api.send(.get, "/accounts").json?.arrayValue ?? []
            #expect(all.compactMap { $0.objectValue?["partner_ref"]?.stringValue } == ["Müller & Co/Süd", "acme"])
            #expect(try await api.send(.get, "/accounts?limit=1&after=M%C3%BCller+%26+Co/S%C3%BCd").text == "[\(acme)]")
            #expect(try await api.send(.get, "/accounts?after=nobody").status == 422)
            #expect(try await api.send(.get, "/accounts/nobody").detail == "Account not found")
        }
    }
}
