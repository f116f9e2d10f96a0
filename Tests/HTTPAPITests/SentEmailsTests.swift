import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SentEmailsTests {
    /// Sends five emails, a second apart.
    private func withEmails(_ body: @escaping @Sendable (APIHarness, [String]) async throws -> Void) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            var ids: [String] = []
            for number in 1...5 {
                let answer = try await api.send(
                    .post, "/emails",
                    body: """
                        {"to": "r\(number)@example.org", "from": "s\(number % 2)@example.com", "text": "x", "subject": "S",
                        "externalId": "e\(number % 3)", "clientId": "c\(number)", "tags": ["t\(number % 2)"]}
                        """)
                ids.append(answer.data["id"]?.stringValue ?? "")
                api.clock.advance(by: .seconds(1))
            }
            try await body(api, ids)
        }
    }

    private static func ids(_ answer: Answer) -> [String] {
        (answer.object["data"]?.arrayValue ?? []).compactMap { $0.objectValue?["id"]?.stringValue }
    }

    @Test func pages() async throws {
        try await withEmails { api, ids in
            let first = try await api.send(.get, "/emails?limit=2")
            #expect(Self.ids(first) == [ids[4], ids[3]])
            #expect(first.meta["next"]?.stringValue == ids[3])
            let second = try await api.send(.get, "/emails?limit=3&after=\(ids[3])")
            #expect(Self.ids(second) == [ids[2], ids[1], ids[0]])
            #expect(second.meta["next"] == nil)
            let email = first.object["data"]?.arrayValue?.first?.objectValue
            #expect(email?["text"] == nil && email?["subject"]?.stringValue == "S" && email?["attempts"]?.integerValue == 0)
        }
    }

    @Test(arguments: [
        ("to=r3@example.org", [3]), ("to=r3@EXAMPLE.org", [3]), ("from=s0@example.com", [4, 2]), ("externalId=e1", [4, 1]),
        ("clientId=c5", [5]), ("tag=t1", [5, 3, 1]), ("status=QUEUED", [5, 4, 3, 2, 1]), ("status=SENT", []),
        ("since=2026-06-15T12:00:03Z", [5, 4]), ("until=2026-06-15T14:00:02%2B02:00", [2, 1]), ("tag=t1&from=s1@example.com&limit=1", [5]),
        ("externalId=e1&clientId=c5", []),
    ])
    func filters(query: String, expected: [Int]) async throws {
        try await withEmails { api, ids in
            let answer = try await api.send(.get, "/emails?\(query)")
            #expect(answer.status == 200)
            #expect(Self.ids(answer) == expected.map { ids[$0 - 1] })
        }
    }

    @Test(arguments: [
        ("status=NOWHERE", "status: expected one of SCHEDULED, "), ("to=x", "to: expected an email address"),
        ("from=a%20b", "from: expected an email address"), ("since=yesterday", "since: expected an RFC 3339 time"),
        ("until=2026-02-30T00:00:00Z", "until: expected"), ("after=7", "after: expected the id of an email"),
        ("limit=x", "limit: expected"),
        ("externalID=x", "externalID: unknown query parameter"),
    ])
    func badFilters(query: String, explain: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/emails?\(query)")
            #expect(answer.status == 422)
            #expect(answer.explain?.hasPrefix(explain) == true, "\(answer.text)")
        }
    }

    @Test func foreignAndUnknownEmails() async throws {
        try await withEmails { api, ids in
            let token = try await api.token(of: "other")
            #expect(Self.ids(try await api.send(.get, "/emails", token: token)).isEmpty)
            for id in [ids[0], "0192f0c1-0000-7000-8000-000000000000", "x", "%20"] {
                for path in ["/emails/\(id)", "/emails/\(id)/source"] {
                    let answer = try await api.send(.get, path, token: token)
                    #expect(answer.status == 404 && answer.explain == "Email not found")
                }
            }
        }
    }

    @Test func timelineWithDetails() async throws {
        try await withEmails { api, ids in
            let id = try #require(EmailID(ids[0]))
            try await api.store.write { tx in
                try tx.emails.recordEvent(
                    on: id, TimelineEntry(.delivered, at: tx.now, explanation: "taken", details: #"{"smtpResponse":"250 ok"}"#),
                    status: .delivered, settles: true)
            }
            let answer = try await api.send(.get, "/emails/\(ids[0])")
            #expect(answer.data["status"]?.stringValue == "DELIVERED")
            let entry = answer.data["timeline"]?.arrayValue?.last?.objectValue
            #expect(entry?["status"]?.stringValue == "DELIVERED" && entry?["explain"]?.stringValue == "taken")
            #expect(entry?["details"]?.objectValue?["smtpResponse"]?.stringValue == "250 ok")
        }
    }

    @Test func unsubscribeLink() async throws {
        try await withEmails { api, ids in
            let source = try await api.send(.get, "/emails/\(ids[0])/source").text
            let link = try #require(source.firstMatch(of: /<https:\/\/mail\.example(\/u\/[^>]+)>/)?.1)
            let page = try await api.send(.get, String(link), token: "")
            #expect(page.status == 200 && page.text.contains("s1@example.com") && page.text.contains("r***@example.org"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            let resend = #"{"to": "r1@example.org", "from": "s1@example.com", "text": "x", "subject": "S"}"#
            #expect(try await api.send(.post, "/emails", body: resend).data["status"]?.stringValue == "QUEUED")
            let done = try await api.send(
                .post, String(link), token: "", body: "List-Unsubscribe=One-Click", type: "application/x-www-form-urlencoded")
            #expect(done.status == 200)
            #expect(try await api.send(.post, "/emails", body: resend).data["status"]?.stringValue == "BLACKLISTED")
            for method in [HTTPRequest.Method.get, .post] {
                let unknown = try await api.send(method, String(link.dropLast(2)) + "xx", token: "")
                #expect(unknown.status == 404 && unknown.headers[.contentType] == "text/html; charset=utf-8")
            }
            let token = String(link.dropFirst(3))
            #expect(!api.log.lines.contains { $0.metadata.values.contains { $0.contains(token) } })
        }
    }
}
