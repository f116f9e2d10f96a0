import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@testable import HTTPAPI

/// `GET /refusals`, and the default name of a domain.
@Suite(.timeLimit(.minutes(1)))
struct RefusalTests {
    private func listed(_ api: APIHarness, _ query: String = "", by token: String) async throws -> [JSONObject] {
        let answer = try await api.send(.get, "/refusals" + query, token: token)
        #expect(answer.status == 200, "\(answer.text)")
        return (answer.object["data"]?.arrayValue ?? []).compactMap(\.objectValue)
    }

    @Test func whyEmailsWereRefused() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let (token, other) = (try await api.token(), try await api.token(of: "other"))
            let bodies = [
                #"{"to": "Eva <eva@example.org>", "from": "n@foreign.example", "text": "t", "subject": "s"}"#, "{",
                #"{"to": ["a@b.example"], "from": "n@example.com", "text": "t", "subject": "s"}"#,
                #"{"to": "a@b.example", "from": "n@example.com", "subject": "s"}"#,
            ]
            for body in bodies { _ = try await api.send(.post, "/emails", token: token, body: body) }
            _ = try await api.send(
                .post, "/emails/batch", token: token,
                body: """
                    {"emails": [7, {"to": "nobody", "from": "n@example.com", "text": "t", "subject": "s"}, {"to": "a@b.example"},
                    {"to": "a@b.example", "from": "n@example.com", "text": "t", "subject": "s"}]}
                    """)
            let found = try await listed(api, by: token)
            #expect(found.map { $0["status"]?.integerValue } == [422, 400, 422, 400, 422, 400, 403])
            #expect(found.first?.names == ["id", "at", "key", "to", "from", "status", "code", "explain", "userName"])
            let first = try #require(found.last)
            #expect(first["key"]?.stringValue == "Ann" && first["to"]?.stringValue == "eva@example.org")
            #expect(first["from"]?.stringValue == "n@foreign.example" && first["code"]?.stringValue == "sender_not_allowed")
            #expect(first["userName"]?.stringValue == "acme")
            #expect(found[3]["to"]?.stringValue == "a@b.example" && found[4]["to"] == .null && found[5]["from"] == .null)
            #expect(try await listed(api, by: other).isEmpty)
            #expect(try await listed(api, by: APIHarness.master).count == 7)
            #expect(try await listed(api, "?userName=acme", by: APIHarness.master).count == 7)
            #expect(try await listed(api, "?userName=other", by: APIHarness.master).isEmpty)
            #expect(try await api.send(.get, "/refusals?userName=acme", token: other).status == 404)
        }
    }

    @Test func pagesAndCSV() async throws {
        try await withAPI { api in
            let token = try await api.token()
            for number in 0..<5 {
                let body = #"{"to": "=cmd", "from": "n\#(number)@foreign.example", "text": "t", "subject": "s"}"#
                _ = try await api.send(.post, "/emails", token: token, body: body)
            }
            let page = try await api.send(.get, "/refusals?limit=2", token: token)
            let next = try #require(page.meta["next"]?.stringValue)
            let senders = try await listed(api, "?limit=2&after=\(next)", by: token).map { $0["from"]?.stringValue }
            #expect(senders == ["n2@foreign.example", "n1@foreign.example"])
            let csv = try await api.send(.get, "/refusals?format=csv", token: token).text
            let lines = csv.split(separator: "\r\n")
            #expect(lines.count == 6 && lines[0] == "id,at,key,to,from,status,code,explain,userName")
            // A spreadsheet must not run what a request had.
            #expect(lines[1].contains(",Ann,'=cmd,n4@foreign.example,422,invalid_value,"))
            for query in ["?after=x", "?limit=0", "?format=xml"] {
                #expect(try await api.send(.get, "/refusals" + query, token: token).status == 422)
            }
        }
    }

    @Test func theNameOfADomain() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let token = try await api.token()
            let named = try await api.send(.put, "/domains/example.com", token: token, body: #"{"from_name": "Ann, Ltd."}"#)
            #expect(named.status == 200 && named.object["from_name"]?.stringValue == "Ann, Ltd.")
            #expect(try await api.send(.get, "/domains/example.com", token: token).object["from_name"]?.stringValue == "Ann, Ltd.")
            let rows = try await api.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 1) }
            #expect(rows.first?.action == "domain.update")
            for body in [#"{"from_name": "a\nb"}"#, #"{"from_name": 7}"#, "{}", #"{"from_name": "x", "name": "y"}"#] {
                #expect(try await api.send(.put, "/domains/example.com", token: token, body: body).status == 422)
            }
            let long = String(repeating: "x", count: 201)
            let refused = try await api.send(.put, "/domains/example.com", token: token, body: #"{"from_name": "\#(long)"}"#)
            #expect(refused.status == 422 && refused.text.contains("at most 200 characters"))
            let other = try await api.token(of: "other")
            #expect(try await api.send(.put, "/domains/example.com", token: other, body: #"{"from_name": "x"}"#).status == 404)
            let cleared = try await api.send(.put, "/domains/example.com", token: token, body: #"{"from_name": null}"#)
            #expect(cleared.object["from_name"] == .null)
            // A new owner does not send in the name of the one before.
            _ = try await api.send(.put, "/domains/example.com", token: token, body: #"{"from_name": "Ann"}"#)
            _ = try await api.send(.put, "/domains/example.com/owner", body: #"{"partner_ref": "other"}"#)
            #expect(try await api.send(.get, "/domains/example.com", token: other).object["from_name"] == .null)
        }
    }
}
