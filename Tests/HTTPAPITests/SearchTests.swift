import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@testable import HTTPAPI

/// `GET /search`: whatever a text names, each caller among its own.
@Suite(.timeLimit(.minutes(1)))
struct SearchTests {
    /// What is found: its kind and name.
    private func found(
        _ api: APIHarness, _ text: String, by token: String = APIHarness.master, of account: String? = nil
    ) async throws -> [String] {
        let answer = try await api.send(.get, "/search?q=\(text)\(account.map { "&userName=\($0)" } ?? "")", token: token)
        #expect(answer.status == 200, "\(answer.text)")
        return (answer.object["data"]?.arrayValue ?? []).compactMap(\.objectValue).map {
            "\($0["kind"]?.stringValue ?? "") \($0["name"]?.stringValue ?? "")"
        }
    }

    @Test func everythingIsFoundByItsName() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example")
            let (token, other) = (try await api.token(), try await api.token(of: "other"))
            let body = #"{"to": "Ann@customer.example", "from": "n@shop.example", "text": "t", "subject": "s", "externalId": "spring"}"#
            let sent = try await api.send(.post, "/emails", token: token, body: body)
            let id = try #require(sent.object["data"]?.objectValue?["id"]?.stringValue.flatMap(EmailID.init))
            try await api.store.write { try $0.sesMessages.insert("0102019a-ses", of: id) }
            for caller in [token, APIHarness.master] {
                #expect(try await found(api, id.description, by: caller) == ["email \(id)"])
                #expect(try await found(api, "0102019a-ses", by: caller) == ["email \(id)"])
                #expect(try await found(api, "%3C0102019a-ses@eu-west-1.amazonses.com%3E", by: caller) == ["email \(id)"])
                #expect(try await found(api, "ann", by: caller) == ["address Ann@customer.example"])
                #expect(try await found(api, "anyone@else.example", by: caller) == ["address anyone@else.example"])
                #expect(try await found(api, "customer.example", by: caller) == ["recipientDomain customer.example"])
                #expect(try await found(api, "@customer.example", by: caller) == ["recipientDomain customer.example"])
                #expect(try await found(api, "shop", by: caller) == ["domain shop.example"])
                #expect(try await found(api, "spring", by: caller) == ["campaign spring"])
            }
            #expect(try await found(api, "acm") == ["account acme"])
            #expect(try await found(api, "acme", by: token).isEmpty, "accounts are the operator's")
            for text in [id.description, "0102019a-ses", "ann", "customer.example", "shop", "spring"] {
                #expect(try await found(api, text, by: other).isEmpty, "\(text) belongs to another account")
                #expect(try await found(api, text, of: "other").isEmpty, "\(text) of an account that is named")
            }
            for query in ["", "?q=", "?q=%20", "?q=" + String(repeating: "a", count: 321), "?q=a&query=b"] {
                #expect(try await api.send(.get, "/search" + query, token: token).status == 422, "\(query)")
            }
        }
    }

    @Test func refusalsOfARecipient() async throws {
        try await withAPI { api in
            let token = try await api.token()
            for to in ["Ann@b.example", "bob@b.example", "ann@b.example"] {
                let body = #"{"to": "\#(to)", "from": "n@foreign.example", "text": "t", "subject": "s"}"#
                _ = try await api.send(.post, "/emails", token: token, body: body)
            }
            let answer = try await api.send(.get, "/refusals?to=ann@B.example", token: token)
            let found = (answer.object["data"]?.arrayValue ?? []).compactMap { $0.objectValue?["to"]?.stringValue }
            #expect(found == ["ann@b.example", "Ann@b.example"])
        }
    }
}
