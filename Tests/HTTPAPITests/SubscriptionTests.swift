import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SubscriptionTests {
    private static let body = #"{"email": "Ann@reader.example", "list": "news", "from": "news@example.com"}"#

    /// Requests a subscription, and returns the answer and the link in the email.
    private func requested(_ api: APIHarness, _ token: String, body: String = body) async throws -> (answer: Answer, link: String) {
        let answer = try await api.send(.post, "/subscriptions", token: token, body: body)
        let emails = try await api.store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 10).emails }
        let email = try await api.store.read { try $0.emails.find(emails.first?.id ?? EmailID(at: api.clock.now)) }
        let link = email?.content.text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("https://mail.example/c/") }
        return (answer, String(link?.dropFirst("https://mail.example".count) ?? "/c/none"))
    }

    private func listed(_ api: APIHarness, _ token: String, _ query: String = "?list=news") async throws -> [JSONObject] {
        try await api.send(.get, "/subscriptions\(query)", token: token).object["data"]?.arrayValue?.compactMap(\.objectValue) ?? []
    }

    private func withAccount(_ body: @escaping @Sendable (APIHarness, String) async throws -> Void) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            try await body(api, try await api.token())
        }
    }

    @Test func `an address is confirmed by its link only`() async throws {
        try await withAccount { api, token in
            let (answer, link) = try await requested(api, token)
            #expect(answer.status == 202)
            #expect(answer.data.names == ["id", "email", "list", "from", "status", "createdAt", "expiresAt"])
            #expect(answer.data["status"]?.stringValue == "PENDING")
            for method in [HTTPRequest.Method.get, .head, .get] {
                #expect(try await api.send(method, link, token: "").status == 200)
            }
            #expect(try await listed(api, token).first?["status"]?.stringValue == "PENDING")
            let done = try await api.send(.post, link, token: "", headers: [.userAgent: "Browser/1"])
            #expect(done.status == 200)
            #expect(done.text.contains("<b>A***@reader.example</b>") && !done.text.contains("Ann@"))
            let proof = try await listed(api, token).first?["proof"]?.objectValue
            #expect(proof?["at"]?.stringValue == api.clock.now.description)
            #expect(proof?["ip"]?.stringValue?.isEmpty == false)
            #expect(proof?["userAgent"]?.stringValue == "Browser/1")
            api.clock.advance(by: .seconds(60))
            #expect(try await api.send(.post, link, token: "").status == 200)
            #expect(try await listed(api, token).first?["proof"]?.objectValue == proof)
        }
    }

    @Test func `forged and old links change nothing`() async throws {
        try await withAccount { api, token in
            let (_, link) = try await requested(api, token)
            for path in ["/c/x", "/c/" + String(repeating: "A", count: 43), String(link.dropLast()) + (link.last == "A" ? "Q" : "A")] {
                #expect(try await api.send(.post, path, token: "").status == 404)
            }
            // A token is valid for its own kind of link only.
            #expect(try await api.send(.post, link.replacing("/c/", with: "/u/"), token: "").status == 404)
            api.clock.advance(by: Subscription.lifetime)
            #expect(try await api.send(.get, link, token: "").status == 410)
            #expect(try await api.send(.post, link, token: "").status == 410)
            #expect(try await listed(api, token).first?["status"]?.stringValue == "EXPIRED")
            #expect(try await listed(api, token, "?list=news&status=PENDING").isEmpty)
            #expect(try await listed(api, token, "?list=news&status=EXPIRED").count == 1)
            let (again, _) = try await requested(api, token)
            #expect(again.data["status"]?.stringValue == "PENDING")
            #expect(try await api.send(.post, link, token: "").status == 200)
        }
    }

    @Test func `the confirmation is mailed again after an interval only`() async throws {
        try await withAccount { api, token in
            for _ in 0..<3 { _ = try await requested(api, token) }
            let filter = { () -> EmailFilter in
                var filter = EmailFilter()
                filter.recipient = EmailAddress(validated: "Ann@reader.example")
                return filter
            }()
            #expect(try await api.store.read { try $0.emails.page(matching: filter, of: nil, after: nil, limit: 10).emails }.count == 1)
            api.clock.advance(by: Subscription.mailAgainAfter)
            let (_, link) = try await requested(api, token)
            #expect(try await api.store.read { try $0.emails.page(matching: filter, of: nil, after: nil, limit: 10).emails }.count == 2)
            _ = try await api.send(.post, link, token: "")
            api.clock.advance(by: Subscription.mailAgainAfter)
            #expect(try await requested(api, token).answer.data["status"]?.stringValue == "CONFIRMED")
            #expect(try await api.store.read { try $0.emails.page(matching: filter, of: nil, after: nil, limit: 10).emails }.count == 2)
            #expect(try await listed(api, token).count == 1)
        }
    }

    @Test func `emails to a list are sent to confirmed addresses only`() async throws {
        try await withAccount { api, token in
            let (_, link) = try await requested(api, token)
            let email = #"{"to": "ann@reader.example", "from": "news@example.com", "text": "x", "subject": "y", "list": "news"}"#
            let early = try await api.send(.post, "/emails", token: token, body: email)
            #expect(early.status == 202)
            #expect(early.data["status"]?.stringValue == "BLACKLISTED")
            #expect(early.explain?.contains("not confirmed") == true)
            _ = try await api.send(.post, link, token: "")
            #expect(try await api.send(.post, "/emails", token: token, body: email).data["status"]?.stringValue == "QUEUED")
            let other = email.replacing("\"news\"", with: "\"other\"")
            #expect(try await api.send(.post, "/emails", token: token, body: other).data["status"]?.stringValue == "BLACKLISTED")
            // The confirmation and one email: emails that are not sent are not counted.
            #expect(try await api.store.read { try $0.domains.find(named: DomainName(validated: "example.com"))?.counters.sentToday } == 2)
        }
    }

    @Test func `custom texts and other languages`() async throws {
        try await withAccount { api, token in
            let own =
                #"{"email": "a@reader.example", "list": "l", "from": "news@example.com", "subject": "S", "text": "<p>Go {{link}}</p>"}"#
            #expect(try await requested(api, token, body: own).answer.status == 202)
            api.clock.advance(by: .seconds(1))
            for language in ["en", "es", "pt"] {
                let body = #"{"email": "\#(language)@reader.example", "list": "l", "from": "news@example.com", "language": "\#(language)"}"#
                let (_, link) = try await requested(api, token, body: body)
                api.clock.advance(by: .seconds(1))
                let page = try await api.send(.get, link, token: "", headers: [.acceptLanguage: language])
                #expect(page.text.contains("<html lang=\"\(language)\">"))
            }
        }
    }

    @Test(arguments: [
        ("{}", 400), (#"{"email": "nobody", "list": "l", "from": "news@example.com"}"#, 422),
        (#"{"email": "a@b.example", "list": "", "from": "news@example.com"}"#, 422),
        (#"{"email": "a@b.example", "list": "a\nb", "from": "news@example.com"}"#, 422),
        (#"{"email": "a@b.example", "list": "l", "from": "news@example.com", "text": "no place"}"#, 422),
        (#"{"email": "a@b.example", "list": "l", "from": "news@example.com", "language": "de"}"#, 422),
        (#"{"email": "a@b.example", "list": "l", "from": "news@other.example"}"#, 403),
    ])
    func `bad requests leave nothing behind`(body: String, status: Int) async throws {
        try await withAccount { api, token in
            let answer = try await api.send(.post, "/subscriptions", token: token, body: body)
            #expect(answer.status == status)
            #expect(answer.explain?.isEmpty == false)
            #expect(try await listed(api, token, "").isEmpty)
        }
    }

    @Test func `lists belong to their accounts`() async throws {
        try await withAccount { api, token in
            for number in 1...3 {
                _ = try await requested(api, token, body: Self.body.replacing("Ann", with: "a\(number)"))
                api.clock.advance(by: .milliseconds(1))
            }
            let other = try await api.token(of: "other")
            #expect(try await listed(api, other).isEmpty)
            let page = try await api.send(.get, "/subscriptions?list=news&limit=2", token: token)
            let next = try #require(page.meta["next"]?.stringValue)
            let rest = try await listed(api, token, "?list=news&limit=2&after=\(next)")
            #expect(rest.map { $0["email"]?.stringValue } == ["a1@reader.example"])
            #expect(try await api.send(.get, "/subscriptions?status=PENDING", token: token).status == 422)
            #expect(try await api.send(.get, "/subscriptions?list=news").status == 422)
            #expect(try await listed(api, APIHarness.master, "").count == 3)
            #expect(try await api.send(.delete, "/subscriptions/\(next)", token: other).status == 404)
            #expect(try await api.send(.delete, "/subscriptions/\(next)", token: token).status == 204)
            #expect(try await api.send(.delete, "/subscriptions/x", token: token).status == 404)
            #expect(try await listed(api, token).count == 2)
        }
    }
}
