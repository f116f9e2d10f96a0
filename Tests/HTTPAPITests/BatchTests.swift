import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@testable import HTTPAPI

@Suite(.timeLimit(.minutes(1)))
struct BatchTests {
    private static func email(_ to: String, from: String = "news@example.com", _ more: String = "") -> String {
        #"{"to": "\#(to)", "from": "\#(from)", "text": "Hi", "subject": "S"\#(more)}"#
    }

    private static func body(_ emails: [String]) -> String {
        #"{"emails": [\#(emails.joined(separator: ", "))]}"#
    }

    private static func items(_ answer: Answer) -> [JSONObject] {
        (answer.object["data"]?.arrayValue ?? []).compactMap(\.objectValue)
    }

    private static func statuses(_ answer: Answer) -> [Int64?] {
        items(answer).map { $0["status"]?.integerValue }
    }

    private static func key(_ key: String) throws -> HTTPFields {
        [try #require(HTTPFields.Element.Name("Idempotency-Key")): key]
    }

    @Test func eachSucceedsOrFailsOnItsOwn() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            _ = try await api.store.makeDomain("second.example")
            let answer = try await api.send(
                .post, "/emails/batch",
                body: Self.body([
                    Self.email("a@example.org"), Self.email("no address"), "7", Self.email("b@example.org", from: "x@other.example"),
                    Self.email("c@example.org", from: "news@second.example"), #"{"to": "d@example.org"}"#,
                    Self.email("e@example.org", #", "colour": "red""#),
                ]))
            #expect(answer.status == 200)
            #expect(Self.statuses(answer) == [202, 422, 422, 403, 202, 400, 422])
            let items = Self.items(answer)
            #expect(items[0]["data"]?.objectValue?["to"]?.stringValue == "a@example.org")
            #expect(items[2]["explain"]?.stringValue == "emails[2]: expected an object, found a number")
            #expect(items[3]["data"]?.objectValue?["status"]?.stringValue == "BAD_FROM")
            #expect(items[4]["data"]?.objectValue?["from"]?.stringValue == "news@second.example")
            #expect(items[6]["explain"]?.stringValue == "colour: unknown field")
            for name in ["example.com", "second.example"] {
                let domain = try await api.send(.get, "/domains/\(name)/outbound")
                #expect(domain.object["outbound_sent_today"]?.integerValue == 1)
            }
        }
    }

    /// The batch has more emails than one transaction.
    @Test func theFirstEmailsGetTheRestOfAQuota() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com") { $0.outbound.dailyLimit = 130 }
            let answer = try await api.send(.post, "/emails/batch", body: Self.body((0..<200).map { Self.email("u\($0)@example.org") }))
            #expect(Self.statuses(answer) == Array(repeating: 202, count: 130) + Array(repeating: 429, count: 70))
            let domain = try await api.send(.get, "/domains/example.com/outbound")
            #expect(domain.object["outbound_sent_today"]?.integerValue == 130)
        }
    }

    @Test func theSameKeyAnswersTheSameEmails() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let key = try Self.key("k")
            let body = Self.body([Self.email("a@example.org"), Self.email("nobody"), Self.email("b@example.org")])
            let first = try await api.send(.post, "/emails/batch", body: body, headers: key)
            let second = try await api.send(.post, "/emails/batch", body: body, headers: key)
            #expect(Self.statuses(first) == [202, 422, 202])
            #expect(Self.items(second) == Self.items(first))
            let other = try await api.send(.post, "/emails/batch", body: Self.body([Self.email("c@example.org")]), headers: key)
            #expect(Self.statuses(other) == [409])
            let single = try await api.send(.post, "/emails", body: Self.email("c@example.org"), headers: key)
            #expect(single.status == 202, "a key of a batch is not one of an email")
            let domain = try await api.send(.get, "/domains/example.com/outbound")
            #expect(domain.object["outbound_sent_today"]?.integerValue == 3)
        }
    }

    @Test(arguments: [
        ("", 400, "The body is empty, expected a JSON object"), ("{}", 400, "emails: missing, the field is required"),
        (#"{"emails": []}"#, 422, "emails: expected an array of 1 to 1000 objects, found an array"),
        (#"{"emails": {}}"#, 422, "emails: expected an array of 1 to 1000 objects, found an object"),
        (#"{"emails": [\#(Array(repeating: "1", count: 1001).joined(separator: ","))]}"#, 422, "found an array"),
        (#"{"emails": [1], "from": "x"}"#, 422, "from: unknown field"),
    ])
    func faults(body: String, status: Int, explanation: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/emails/batch", body: body)
            #expect(answer.status == status)
            #expect(answer.explain?.contains(explanation) == true, "\(answer.text)")
        }
    }
}
