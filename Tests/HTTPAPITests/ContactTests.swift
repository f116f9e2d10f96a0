import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ContactTests {
    private static let path = "/accounts/acme/contacts"

    @Test func `Contacts are replaced as a whole, and shown to their owner and the master`() async throws {
        try await withAPI { api in
            let (own, other) = (try await api.token(), try await api.token(of: "globex"))
            #expect(try await api.send(.get, Self.path, token: own).text == "[]")
            let body =
                #"[{"address": "Ann@partner.example", "events": ["domain.quota", "account.blocked", "domain.quota"], "language": "es"}, {"address": "bob@partner.example"}]"#
            let set = try await api.send(.put, Self.path, token: own, body: body)
            #expect(
                set.text == """
                    [{"address":"Ann@partner.example","events":["domain.quota","account.blocked"],"language":"es"},\
                    {"address":"bob@partner.example","events":[],"language":"en"}]
                    """)
            #expect(try await api.send(.get, Self.path).text == set.text)
            #expect(try await api.send(.get, Self.path, token: other).status == 404)
            #expect(try await api.send(.put, Self.path, token: other, body: "[]").status == 404)
            #expect(try await api.send(.put, "/accounts/nobody/contacts", body: "[]").status == 404)
            #expect(try await api.send(.put, Self.path, body: "[]").text == "[]")
            #expect(try await api.send(.get, Self.path, token: own).text == "[]")
        }
    }

    @Test(arguments: [
        ("{}", 422, "expected a JSON array"), ("", 400, "empty"), ("[1]", 422, "[0]: expected an object"),
        (#"[{"address": "no"}]"#, 422, "[0].address: expected an email address"), (#"[{}]"#, 422, "[0].address: missing"),
        (#"[{"address": ""}]"#, 422, "[0].address: expected an email address"),
        (#"[{"address": "a@b.example"}, {"address": "A@b.example"}]"#, 422, "[1].address: the address stands in the list"),
        (#"[{"address": "a@b.example", "events": ["SENT"]}]"#, 422, "[0].events: expected some of account.warning"),
        (#"[{"address": "a@b.example", "language": "de"}]"#, 422, "[0].language: expected one of en, es, pt"),
        (#"[{"address": "a@b.example", "name": "Ann"}]"#, 422, "[0].name: unknown field"), ("[", 400, "not valid JSON"),
    ])
    func `A list that is refused changes nothing`(body: String, status: Int, detail: String) async throws {
        try await withAPI { api in
            let own = try await api.token()
            let before = try await api.send(.put, Self.path, token: own, body: #"[{"address": "bob@partner.example"}]"#)
            let answer = try await api.send(.put, Self.path, token: own, body: body)
            #expect(answer.status == status && answer.detail?.contains(detail) == true, "\(answer.text)")
            #expect(try await api.send(.get, Self.path, token: own).text == before.text)
        }
    }

    @Test func `There are twenty at the most`() async throws {
        try await withAPI { api in
            let own = try await api.token()
            let items = (0..<21).map { #"{"address": "a\#($0)@b.example"}"# }
            let many = try await api.send(.put, Self.path, token: own, body: "[\(items.joined(separator: ","))]")
            #expect(many.status == 422 && many.detail?.contains("at most 20") == true, "\(many.text)")
            #expect(try await api.send(.put, Self.path, token: own, body: "[\(items.dropLast().joined(separator: ","))]").status == 200)
        }
    }

    /// The log is kept for more than a year: a contact's address is not.
    @Test func `The audit log has contacts masked`() async throws {
        try await withAPI { api in
            let own = try await api.token()
            _ = try await api.send(.put, Self.path, token: own, body: #"[{"address": "ann@partner.example", "events": ["domain.quota"]}]"#)
            let rows = try await api.send(.get, "/audit?action=account.contacts", token: own)
            #expect(rows.text.contains("a***@partner.example en: domain.quota") && !rows.text.contains("ann@"))
        }
    }
}
