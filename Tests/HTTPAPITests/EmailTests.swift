import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing
import Web

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct EmailTests {
    private static let minimal =
        #"{"to": "eva@example.org", "from": "news@example.com", "text": "we have a new offer", "subject": "Promo"}"#

    @Test func exactEnvelope() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com", account: "EliPackage")
            let token = try await api.token(of: "EliPackage", scopes: [.send, .read])
            let answer = try await api.send(
                .post, "/emails?unsubscribeMsg=No+more%20of%20this", token: token,
                body: """
                    {"to": "Eva@EXAMPLE.org", "from": "news@example.com", "text": "we have ünïcode", "subject": "EliPackage Promo",
                    "externalId": "123456789abcde", "clientId": "48118112", "callbacks": ["https://hooks.example/a"], "alias": "New User"}
                    """)
            #expect(answer.status == 202)
            #expect(answer.object.names == ["meta", "data"])
            #expect(answer.meta.names == ["timestamp", "transactionId"])
            #expect(answer.meta["timestamp"]?.integerValue == api.clock.now.milliseconds)
            let id = answer.data["id"]?.stringValue ?? ""
            #expect(
                answer.text.hasSuffix(
                    """
                    "data":{"id":"\(id)","to":"Eva@example.org","from":"news@example.com","userName":"EliPackage","operator":"Ann",\
                    "text":"we have ünïcode","status":"QUEUED","subject":"EliPackage Promo","externalId":"123456789abcde",\
                    "clientId":"48118112","callbacks":["https://hooks.example/a"],"alias":"New User"}}
                    """))
            let found = try await api.send(.get, "/emails/\(id)/", token: token)
            #expect(found.status == 200)
            for name in answer.data.names { #expect(found.data[name] == answer.data[name]) }
            #expect(found.data.names.suffix(4) == ["createdAt", "updatedAt", "attempts", "timeline"])
            let entry = found.data["timeline"]?.arrayValue?.first?.objectValue
            #expect(entry?.names == ["status", "at"] && entry?["status"]?.stringValue == "QUEUED")
            let source = try await api.send(.get, "/emails/\(id)/source", token: token)
            #expect(source.headers[.contentType] == "message/rfc822")
            #expect(source.text.contains("X-Martlet-Id: \(id)"))
            #expect(source.text.contains("No more of this"))
            let text = try await api.send(.get, "/emails/\(id)/source", token: token, headers: [.accept: "text/plain"])
            #expect(text.headers[.contentType] == "text/plain; charset=utf-8" && text.text == source.text)
        }
    }

    @Test(arguments: [
        (#""https://a.example/x, https://b.example/y""#, ["https://a.example/x", "https://b.example/y"]),
        (#""https://a.example/x,""#, ["https://a.example/x"]), (#""""#, []), (#"[]"#, []), ("null", []),
        (#"["https://a.example/?a=1,2"]"#, ["https://a.example/?a=1,2"]),
    ])
    func callbacks(json: String, expected: [String]) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let answer = try await api.send(.post, "/emails", body: Self.minimal.dropLast() + #", "callbacks": \#(json)}"#)
            #expect(answer.status == 202)
            #expect(answer.data["callbacks"]?.strings == expected)
        }
    }

    @Test func everyField() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let answer = try await api.send(
                .post, "/emails",
                body: Self.minimal.dropLast()
                    + #", "html": "<b>x</b>", "replyTo": "a@b.example", "headers": {"X-Campaign": "7"}, "tags": ["promo"], "alias": null}"#)
            #expect(answer.status == 202)
            let id = try #require(EmailID(answer.data["id"]?.stringValue ?? ""))
            let content = try await api.store.read { try $0.emails.find(id)?.content }
            #expect(content?.html == "<b>x</b>" && content?.tags == ["promo"] && content?.alias == nil)
            #expect(content?.replyTo.map(\.description) == ["a@b.example"])
            #expect(content?.headers == [.init(name: "X-Campaign", value: "7")])
        }
    }

    @Test func names() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            _ = try await api.send(.put, "/domains/example.com", body: #"{"from_name": "Shop of Ann"}"#)
            let byDefault = try await api.send(.post, "/emails", body: Self.minimal)
            #expect(byDefault.data["fromName"]?.stringValue == "Shop of Ann")
            let answer = try await api.send(
                .post, "/emails",
                body: """
                    {"to": "Zoë <eva@example.org>", "from": "\\"Acme, Inc. (News)\\" <news@example.com>", "html": "<p>Hi</p>", "subject": "S",
                    "cc": "\\"Lee, Ann\\" <ann@example.org>, c@example.org", "replyTo": "Desk <desk@example.com>"}
                    """)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(answer.data["from"]?.stringValue == "news@example.com" && answer.data["fromName"]?.stringValue == "Acme, Inc. (News)")
            #expect(answer.data["to"]?.stringValue == "eva@example.org" && answer.data["alias"]?.stringValue == "Zoë")
            #expect(answer.data["text"]?.stringValue?.contains("Hi") == true)
            #expect(answer.data["cc"]?.strings == ["ann@example.org", "c@example.org"])
            #expect(answer.data["copies"]?.arrayValue?.map { $0.objectValue?["name"]?.stringValue } == ["Lee, Ann", nil])
            // Emails of one millisecond have no order.
            let emails = try await api.send(.get, "/emails").object["data"]?.arrayValue?.compactMap(\.objectValue)
            let listed = emails?.first { $0["id"] == answer.data["id"] }
            #expect(listed?["fromName"]?.stringValue == "Acme, Inc. (News)")
        }
    }

    @Test(arguments: [
        ("to", "missing, the field is required"), ("from", "missing, the field is required"), ("text", "missing, the field is required"),
        ("subject", "missing, the field is required"),
    ])
    func missingFields(name: String, explain: String) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            var object = try JSONValue.parse(Self.minimal.utf8).objectValue ?? JSONObject()
            for absent in [nil, JSONValue.null] {
                object[name] = absent
                let answer = try await api.send(
                    .post, "/emails", body: String(decoding: JSONValue.object(object).serialized, as: UTF8.self))
                #expect(answer.status == 400)
                #expect(answer.explain == "\(name): \(explain)")
                #expect(answer.object["data"] == .object(JSONObject()))
            }
        }
    }

    @Test(arguments: [
        (#""to": ["a@b.example"]"#, "to: expected a string with one address (send each an email of its own by POST /emails/batch"),
        (#""to": "a@b.example, c@d.example""#, "to: expected one recipient"),
        (#""to": "nobody""#, "to: "), (#""to": """#, "to: "), (#""from": 7"#, "from: expected a string, found 7"),
        (#""from": "Bob, Inc. <a@b.example>""#, "from: expected a name"), (#""text": {}"#, "text: expected a string, found an object"),
        (#""subject": true"#, "subject: expected a string, found true"), (#""subject": "a\r\nBcc: x@y.example""#, "subject"),
        (#""alias": "a\nb""#, "alias"), (#""externalId": 5"#, "externalId: expected a string, found 5"),
        (#""callbacks": "nowhere""#, "callbacks"), (#""callbacks": [1]"#, "callbacks: expected an array of URLs"),
        (#""callbacks": ["ftp://x.example/"]"#, "callbacks[0]"), (#""replyTo": ["x"]"#, "replyTo[0]"),
        (#""replyTo": {}"#, "replyTo: expected an address"), (#""headers": ["x"]"#, "headers: expected an object of strings"),
        (#""headers": {"X-A": 1}"#, "headers: expected an object of strings"), (#""headers": {"Bcc": "x@y.example"}"#, "headers: "),
        (#""headers": {"X-A": "b\r\nBcc: x"}"#, "headers: "), (#""tags": "promo""#, "tags: expected an array of strings"),
        (#""cc": [1]"#, "cc: expected an array of addresses"), (#""bcc": {}"#, "bcc: expected an array of addresses"),
        (#""attachments": [{"filename": "a", "content": "x"}, 1]"#, "attachments[1]: expected an object"),
        (#""sendat": null"#, "sendat: unknown field"),
        (#""externalID": "x""#, "externalID: unknown field"),
    ])
    func wrongValues(member: String, explain: String) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            var object = try JSONValue.parse(Self.minimal.utf8).objectValue ?? JSONObject()
            let wrong = try JSONValue.parse("{\(member)}".utf8).objectValue?.first
            object[wrong?.name ?? ""] = wrong?.value
            let answer = try await api.send(.post, "/emails", body: String(decoding: JSONValue.object(object).serialized, as: UTF8.self))
            #expect(answer.status == 422)
            #expect(answer.explain?.hasPrefix(explain) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/emails").object["data"]?.arrayValue == [])
            #expect(try await api.send(.get, "/domains/example.com/outbound").object["outbound_sent_today"]?.integerValue == 0)
        }
    }

    @Test(arguments: [
        ("", 400, "The body is empty"), ("{", 400, "line 1, column 2"), ("[]", 422, "expected a JSON object"),
        (#"{"to": "a", "to": "b"}"#, 400, "occurs twice"),
    ])
    func malformedBodies(body: String, status: Int, explain: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/emails", body: body)
            #expect(answer.status == status)
            #expect(answer.explain?.contains(explain) == true, "\(answer.text)")
        }
    }

    @Test func refusals() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("unverified.example", isVerified: false)
            _ = try await api.store.makeDomain("suspended.example") { $0.suspend(reason: "guillotine: bounce rate", at: $0.createdAt) }
            _ = try await api.store.makeDomain("full.example") {
                $0.outbound.dailyLimit = 1
                $0.counters.sentToday = 1
            }
            _ = try await api.store.makeDomain("foreign.example", account: "other")
            let token = try await api.token()
            let expected: [(String, Int, String?)] = [
                ("unverified.example", 403, "BAD_FROM"), ("foreign.example", 403, "BAD_FROM"), ("nobody.example", 403, "BAD_FROM"),
                ("suspended.example", 403, "BLOCKED_DUE_BAD_BEHAVIOUR"), ("full.example", 429, nil),
            ]
            for (domain, status, emailStatus) in expected {
                let answer = try await api.send(
                    .post, "/emails", token: token, body: Self.minimal.replacing("example.com", with: domain))
                #expect(answer.status == status)
                #expect(answer.data["status"]?.stringValue == emailStatus)
                #expect(answer.explain?.isEmpty == false)
                #expect(answer.headers[.retryAfter] == (status == 429 ? "43200" : nil))
            }
            #expect(try await api.send(.get, "/emails").object["data"]?.arrayValue?.isEmpty == true)
        }
    }

    @Test func accessInTheEnvelope() async throws {
        try await withAPI { api in
            let unknown = try await api.send(.post, "/emails", token: "x", body: Self.minimal)
            #expect(unknown.status == 401 && unknown.explain == "Invalid API key" && unknown.headers[.wwwAuthenticate] == "Bearer")
            let reader = try await api.token(scopes: [.read])
            let refused = try await api.send(.post, "/emails", token: reader, body: Self.minimal)
            #expect(refused.status == 403 && refused.explain == "The API key lacks the scope send")
            let sender = try await api.token(scopes: [.send])
            #expect(try await api.send(.get, "/emails", token: sender).status == 403)
            #expect(try await api.send(.put, "/emails", token: "").headers[.allow] == "GET, HEAD, POST")
        }
    }

    @Test func tooLarge() async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/emails", body: #"{"text": ""# + String(repeating: "x", count: 3 << 20) + #""}"#)
            #expect(answer.status == 413)
            #expect(answer.explain == "The body is larger than 2446680 bytes")
            let text = String(repeating: "x", count: 1 << 20)
            let email = #"{"to": "a@b.example", "from": "b@c.example", "subject": "", "text": "\#(text)"}"#
            for (path, body) in [("/emails", email), ("/emails/batch", #"{"emails": [\#(email)]}"#)] {
                let answer = try await api.send(.post, path, body: body)
                #expect(answer.status == 413)
                #expect(answer.explain == "Without attachments the request has \(body.utf8.count) bytes, expected at most 1048576")
            }
        }
    }

    /// The first answer is repeated byte for byte, whatever has happened to the email, its domain and its copies since.
    @Test(arguments: [
        minimal,
        #"{"to":"a@customer.example","from":"info@example.com","text":"Hi","subject":"S","alias":"Ä","externalId":"x","clientId":"y","callbacks":["https://h.example/x"],"category":"transactional","cc":["b@customer.example"],"bcc":["c@customer.example"]}"#,
        #"{"to":"a@customer.example","from":"info@example.com","text":"Hi","subject":"S","sendAt":"2026-06-16T14:00:00.5+02:00"}"#,
        #"{"to":"blocked@customer.example","from":"info@example.com","text":"Hi","subject":"S","cc":["b@customer.example"]}"#,
    ])
    func aRepeatedRequestIsAnsweredAsTheFirst(body: String) async throws {
        try await withAPI { api in
            let domain = try await api.store.makeDomain("example.com")
            let token = try await api.token(of: "acme")
            let blocked = EmailAddress(validated: "blocked@customer.example")
            try await api.store.write { tx in
                try tx.suppressions.insert(blocked, accountID: domain.accountID, reason: .manual, note: nil)
            }
            let key: HTTPFields = [try #require(HTTPFields.Element.Name("Idempotency-Key")): "k"]
            let first = try await api.send(.post, "/emails", token: token, body: body, headers: key)
            #expect(first.status == 202, "\(first.text)")
            let id = try #require(first.data["id"]?.stringValue.flatMap(EmailID.init))
            api.clock.advance(by: .seconds(3600))
            try await api.store.write { tx in
                let email = try #require(try tx.emails.find(id))
                for id in [id] + email.ownCopies.map(\.id) {
                    try tx.emails.recordEvent(
                        on: id, TimelineEntry(.bouncedPermanent, at: tx.now), status: .bouncedPermanent, settles: true)
                }
            }
            #expect(try await api.send(.delete, "/domains/example.com").status == 204)
            let again = try await api.send(.post, "/emails", token: token, body: body, headers: key)
            #expect(again.status == 202 && again.text == first.text)
            #expect(try await api.send(.post, "/emails", token: token, body: body + " ", headers: key).status == 409)
        }
    }

    @Test func idempotency() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let send = { (key: String, uri: String, body: String) in
                var headers = HTTPFields()
                if let name = HTTPFields.Element.Name("Idempotency-Key") { headers[name] = key }
                return try await api.send(.post, uri, body: body, headers: headers)
            }
            let first = try await send("one", "/emails", Self.minimal)
            let again = try await send("one", "/emails", Self.minimal)
            #expect(first.status == 202 && again.status == 202 && first.data == again.data)
            #expect(try await send("one", "/emails", Self.minimal.replacing("Promo", with: "Other")).status == 409)
            #expect(try await send("one", "/emails?unsubscribeMsg=x", Self.minimal).status == 409)
            let other = try await send("two", "/emails", Self.minimal)
            #expect(other.data["id"] != first.data["id"])
            #expect(try await send(String(repeating: "x", count: 256), "/emails", Self.minimal).status == 202)
            let long = try await send(String(repeating: "x", count: 257), "/emails", Self.minimal)
            #expect(long.status == 422 && long.explain == "Idempotency-Key: expected 1 to 256 characters")
        }
    }
}
