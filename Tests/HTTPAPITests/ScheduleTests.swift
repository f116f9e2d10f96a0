import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

/// `sendAt` of `POST /emails`, and `DELETE /emails/{id}`.
@Suite(.timeLimit(.minutes(1)))
struct ScheduleTests {
    private static func body(_ sendAt: String, _ more: String = "") -> String {
        #"{"to": "eva@example.org", "from": "news@example.com", "text": "x", "subject": "S", "sendAt": \#(sendAt)\#(more)}"#
    }

    private static let tomorrow = #""2026-06-16T14:00:00+02:00""#

    @Test func aScheduledEmail() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let answer = try await api.send(.post, "/emails", body: Self.body(Self.tomorrow))
            #expect(answer.status == 202 && answer.explain == nil)
            #expect(answer.data["status"]?.stringValue == "SCHEDULED")
            #expect(answer.data["sendAt"]?.stringValue == "2026-06-16T12:00:00.000Z")
            let path = "/emails/\(answer.data["id"]?.stringValue ?? "")"
            let found = try await api.send(.get, path)
            #expect(found.data["sendAt"] == answer.data["sendAt"])
            #expect(found.data["timeline"]?.arrayValue?.map { $0.objectValue?["status"]?.stringValue } == ["SCHEDULED"])
            let list = try await api.send(.get, "/emails?status=SCHEDULED")
            #expect(list.object["data"]?.arrayValue?.first?.objectValue?["sendAt"] == answer.data["sendAt"])
            #expect(try await api.send(.delete, path).status == 204)
            #expect(try await api.send(.get, path).data["status"]?.stringValue == "CANCELLED")
            #expect(try await api.send(.delete, path).status == 204)
        }
    }

    @Test(arguments: [
        ("5", "sendAt: expected a string, found 5"), ("[]", "sendAt: expected a string"),
        (#""tomorrow""#, "sendAt: expected an RFC 3339 time"), (#""2026-06-16T12:00:00""#, "sendAt: expected an RFC 3339 time"),
        (#""2026-07-15T12:00:01Z""#, "sendAt: expected 2026-07-15T12:00:00.000Z at the latest, found 2026-07-15T12:00:01.000Z"),
    ])
    func invalidTimes(json: String, explain: String) async throws {
        try await withAPI { api in
            let domain = try await api.store.makeDomain("example.com")
            let answer = try await api.send(.post, "/emails", body: Self.body(json))
            #expect(answer.status == 422 && answer.explain?.hasPrefix(explain) == true, "\(answer.text)")
            #expect(try await api.store.read { try $0.domains.find(named: domain.name) } == domain)
        }
    }

    @Test func eachItemOfABatchHasItsOwnTime() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let items = [Self.tomorrow, "null", #""2026-06-15T11:00:00Z""#, "1"].map { Self.body($0) }.joined(separator: ",")
            let answer = try await api.send(.post, "/emails/batch", body: #"{"emails": [\#(items)]}"#)
            let found = (answer.object["data"]?.arrayValue ?? []).map { item in
                item.objectValue?["data"]?.objectValue?["status"]?.stringValue ?? item.objectValue?["status"]?.integerValue?.description
            }
            #expect(found == ["SCHEDULED", "QUEUED", "QUEUED", "422"])
        }
    }

    @Test func aQueuedEmailCannotBeCancelled() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let queued = try await api.send(.post, "/emails", body: Self.body(#""2026-06-15T12:00:00Z""#))
            let answer = try await api.send(.delete, "/emails/\(queued.data["id"]?.stringValue ?? "")")
            #expect(answer.status == 409 && answer.data["status"]?.stringValue == "QUEUED")
            #expect(answer.explain == "Only an email that is SCHEDULED can be cancelled, this one is QUEUED")
        }
    }

    @Test func accessToCancellation() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let path = "/emails/\(try await api.send(.post, "/emails", body: Self.body(Self.tomorrow)).data["id"]?.stringValue ?? "")"
            let reader = try await api.token(scopes: [.read, .manage])
            #expect(try await api.send(.delete, path, token: reader).status == 403)
            #expect(try await api.send(.delete, path, token: "").status == 401)
            let other = try await api.token(of: "other")
            for path in [path, "/emails/x", "/emails/0192f0c1-0000-7000-8000-000000000000"] {
                let answer = try await api.send(.delete, path, token: other)
                #expect(answer.status == 404 && answer.explain == "Email not found")
            }
            #expect(try await api.send(.delete, path, token: try await api.token(scopes: [.send])).status == 204)
        }
    }

    /// The first result is repeated, also when the email was cancelled since.
    @Test func aRepeatedKeySendsNothing() async throws {
        try await withAPI { api in
            let domain = try await api.store.makeDomain("example.com")
            let key: HTTPFields = [try #require(HTTPFields.Element.Name("Idempotency-Key")): "k"]
            let first = try await api.send(.post, "/emails", body: Self.body(Self.tomorrow), headers: key)
            let id = first.data["id"]?.stringValue ?? ""
            #expect(try await api.send(.post, "/emails", body: Self.body(Self.tomorrow), headers: key).data == first.data)
            #expect(try await api.send(.delete, "/emails/\(id)").status == 204)
            let again = try await api.send(.post, "/emails", body: Self.body(Self.tomorrow), headers: key)
            #expect(again.data == first.data && again.data["status"]?.stringValue == "SCHEDULED")
            #expect(try await api.store.read { try $0.domains.find(named: domain.name) }?.counters.sentToday == 0)
        }
    }

    @Test func onlyTheCancellationHasACallback() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let sent = try await api.send(
                .post, "/emails", body: Self.body(Self.tomorrow, #", "callbacks": ["https://hooks.example/a"]"#))
            let id = try #require(EmailID(sent.data["id"]?.stringValue ?? ""))
            #expect(try await api.store.read { try $0.callbacks.list(of: id) }.isEmpty)
            _ = try await api.send(.delete, "/emails/\(id)")
            #expect(try await api.store.read { try $0.callbacks.list(of: id) }.count == 1)
        }
    }
}
