import AmazonSES
import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DomainTests {
    @Test func lifeOfADomain() async throws {
        try await withAPI { api in
            let created = try await api.send(.post, "/domains", body: #"{"name": "Bücher.Example", "partner_ref": "acme"}"#)
            #expect(created.status == 201)
            let id = try #require(created.object["id"]?.integerValue)
            #expect(created.text == #"{"id":\#(id),"name":"xn--bcher-kva.example","created_at":"2026-06-15T12:00:00.000Z"}"#)
            let again = try await api.send(.post, "/domains", body: #"{"name": "bücher.example"}"#)
            #expect(again.status == 400 && again.detail == "Domain already exists")
            let found = try await api.send(.get, "/domains/b%C3%BCcher.example/")
            #expect(found.status == 200 && found.object["name"]?.stringValue == "xn--bcher-kva.example")
            let deleted = try await api.send(.delete, "/domains/xn--bcher-kva.example")
            #expect(deleted.status == 204 && deleted.text.isEmpty)
            #expect(try await api.send(.get, "/domains/xn--bcher-kva.example").status == 404)
        }
    }

    @Test func listOfDomains() async throws {
        try await withAPI { api in
            for index in 1...5 { _ = try await api.store.makeDomain("d\(index).example", account: index == 5 ? "other" : "acme") }
            let token = try await api.token(of: "acme")
            let names = { (answer: Answer) in (answer.json?.arrayValue ?? []).compactMap { $0.objectValue?["name"]?.stringValue } }
            #expect(names(try await api.send(.get, "/domains")) == ["d5.example", "d4.example", "d3.example", "d2.example", "d1.example"])
            let first = try await api.send(.get, "/domains?limit=2", token: token)
            #expect(names(first) == ["d4.example", "d3.example"])
            let last = try #require(first.json?.arrayValue?.last?.objectValue?["id"]?.integerValue)
            let second = try await api.send(.get, "/domains?limit=2&after=\(last)", token: token)
            #expect(names(second) == ["d2.example", "d1.example"])
        }
    }

    @Test(arguments: [
        ("limit=0", 422, "limit: expected a whole number from 1 to 1000"),
        ("limit=1001", 422, "limit: expected a whole number from 1 to 1000"),
        ("limit=99999999999999999999", 422, "limit: expected a whole number from 1 to 1000"),
        ("limit=", 422, "limit: expected a whole number from 1 to 1000"), ("after=x", 422, "after: expected the id of an item of the list"),
        ("limit=1&limit=2", 422, "limit: the query parameter is given twice"),
        ("foo=1", 422, "foo: unknown query parameter, expected limit, after"),
        ("limit=%zz", 400, "The query is not valid percent-encoded UTF-8"),
        ("limit=%ff", 400, "The query is not valid percent-encoded UTF-8"),
        ("limit=%2", 400, "The query is not valid percent-encoded UTF-8"),
    ])
    func badQueries(query: String, status: Int, detail: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/domains?\(query)")
            #expect(answer.status == status)
            #expect(answer.detail == detail)
        }
    }

    @Test(arguments: [
        (#"{}"#, 422, "name: missing"), (#"{"name": 7}"#, 422, "name: expected a string, found 7"),
        (#"{"name": null}"#, 422, "name: expected a string, found null"), (#"{"name": "nodot", "foo": 1}"#, 422, "foo: unknown field"),
        (#"{"name": ""}"#, 422, "name"), (#"{"name": "a b.example"}"#, 422, "name"), (#"{"name": "-a.example"}"#, 422, "name"),
        (#"{"name": "a.example", "partner_ref": ""}"#, 422, "partner_ref"),
        (#"{"name": "a.example", "partner_ref": ["x"]}"#, 422, "partner_ref: expected a string, found an array"),
        (#"[]"#, 422, "The body: expected a JSON object, found an array"),
        (#"{"name": "a.example",}"#, 400, "line 1, column 22"), ("", 400, "The body is empty"), (#"{"name": "\#u{1}"}"#, 400, "line 1"),
        (#"{"name": "a.example", "name": "b.example"}"#, 400, "occurs twice"),
    ])
    func badBodies(body: String, status: Int, detail: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/domains", body: body)
            #expect(answer.status == status)
            #expect(answer.detail?.contains(detail) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/domains").text == "[]")
        }
    }

    @Test func contentTypes() async throws {
        try await withAPI { api in
            let body = #"{"name": "nodot"}"#
            for type in [
                nil, "application/json", "application/json; charset=utf-8", "Application/JSON ; charset=UTF-8",
                "application/x-www-form-urlencoded",
            ] {
                #expect(try await api.send(.post, "/domains", body: body, type: type).status == 422)
            }
            for type in ["text/plain", "multipart/form-data", "application/jsonx", "json"] {
                let answer = try await api.send(.post, "/domains", body: body, type: type)
                #expect(answer.status == 415)
                #expect(answer.detail == "Content-Type must be application/json, found \(type)")
            }
        }
    }

    @Test func tooLargeBody() async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/domains", body: #"{"name": ""# + String(repeating: "x", count: 70_000) + #""}"#)
            #expect(answer.status == 413)
            #expect(answer.detail == "The body is larger than 65536 bytes")
        }
    }

    @Test func ownership() async throws {
        try await withAPI { api in
            let token = try await api.token(of: "acme")
            #expect(try await api.send(.post, "/domains", token: token, body: #"{"name": "a.example"}"#).status == 201)
            let refused = try await api.send(.post, "/domains", token: token, body: #"{"name": "b.example", "partner_ref": "x"}"#)
            #expect(refused.status == 403)
            let moved = try await api.send(.put, "/domains/a.example/owner", body: #"{"partner_ref": "other"}"#)
            #expect(moved.status == 200 && moved.object["partner_ref"]?.stringValue == "other")
            #expect(try await api.send(.get, "/domains/a.example", token: token).status == 404)
            #expect(try await api.send(.put, "/domains/none.example/owner", body: #"{"partner_ref": "x"}"#).status == 404)
            #expect(try await api.send(.put, "/domains/a.example/owner", body: #"{}"#).status == 422)
        }
    }

    @Test func verification() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com", isVerified: false)
            let started = try await api.send(.post, "/domains/EXAMPLE.com/ses-verify")
            #expect(
                started.text == """
                    {"name":"example.com","ses_verification_token":"token-of-example.com","ses_dkim_tokens":["one","two","three"],\
                    "ses_verified":false,"dns_records":[\
                    {"type":"TXT","name":"_amazonses.example.com","value":"token-of-example.com"},\
                    {"type":"CNAME","name":"one._domainkey.example.com","value":"one.dkim.amazonses.com"},\
                    {"type":"CNAME","name":"two._domainkey.example.com","value":"two.dkim.amazonses.com"},\
                    {"type":"CNAME","name":"three._domainkey.example.com","value":"three.dkim.amazonses.com"}]}
                    """)
            let pending = try await api.send(.get, "/domains/EXAMPLE.com/ses-status")
            #expect(
                pending.text == #"{"name":"example.com","ses_verified":false,"verification_status":"Pending","dkim_status":"Pending"}"#)
            api.identities.answer(identity: .success, dkim: .success)
            api.clock.advance(by: .seconds(6))
            #expect(try await api.send(.get, "/domains/example.com/ses-status").object["ses_verified"] == .bool(true))
            #expect(try await api.send(.get, "/domains/example.com").object["ses_verified"] == .bool(true))
        }
    }

    @Test func dnsCheck() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example")
            let answer = try await api.send(.get, "/domains/Shop.example/dns-check/", token: try await api.token(scopes: [.read]))
            #expect(answer.status == 200)
            #expect(
                answer.object["name"]?.stringValue == "shop.example"
                    && answer.object["checked_at"]?.stringValue == "2026-06-15T12:00:00.000Z")
            let records = answer.object["records"]?.arrayValue?.compactMap(\.objectValue) ?? []
            #expect(
                records.map { $0["purpose"]?.stringValue } == ["verification", "dkim", "spf", "mail_from", "mail_from_spf", "dmarc", "mx"])
            let dmarc = try #require(records.first { $0["purpose"]?.stringValue == "dmarc" })
            #expect(
                String(decoding: JSONValue.object(dmarc).serialized, as: UTF8.self) == #"""
                    {"purpose":"dmarc","type":"TXT","name":"_dmarc.shop.example","expected":"v=DMARC1; p=none; rua=mailto:dmarc@shop.example",\#
                    "seen":["v=DMARC1; p=reject; rua=mailto:d@shop.example"],"state":"found","policy":"reject","dkim_aligned":true,\#
                    "spf_aligned":false}
                    """#)
            let mx = try #require(records.last)
            #expect(mx["expected"] == .null && mx["state"]?.stringValue == "missing" && mx["seen"]?.arrayValue == [] && mx["advice"] != nil)
            #expect(try await api.send(.get, "/domains/shop.example/dns-check", token: try await api.token(of: "other")).status == 404)
        }
    }

    @Test func sesErrors() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com", isVerified: false)
            api.identities.fail(SESError(code: "AccessDenied", message: "Not allowed", httpStatus: 403, outcome: .permanent))
            for (method, path) in [(HTTPRequest.Method.post, "ses-verify"), (.get, "ses-status")] {
                let answer = try await api.send(method, "/domains/example.com/\(path)")
                #expect(answer.status == 502 && answer.detail == "AccessDenied: Not allowed")
            }
        }
    }

    @Test(arguments: ["/domains/%ff", "/domains/%zz/outbound", "/domains/a%2", "/accounts/%c3%28"])
    func badPathEscapes(path: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, path)
            #expect(answer.status == 400)
            #expect(answer.detail == "The path is not valid percent-encoded UTF-8")
        }
    }
}
