import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

/// The codes and the faulty fields of errors, in both forms (specification 13.4).
///
/// That they fit their schemas is checked by the harness.
@Suite(.timeLimit(.minutes(1)))
struct ErrorTests {
    /// A request and the code of its answer; in an envelope where the other answers of the path are.
    struct Case: CustomTestStringConvertible, Sendable {
        var method: String
        var uri: String
        var body: String?
        var token: String? = nil
        var scopes: [Scope]? = nil
        var status: Int
        var code: RefusalCode
        var isEnvelope = false

        var testDescription: String { "\(method) \(uri) \(code.rawValue)" }
    }

    @Test(arguments: [
        Case(method: "GET", uri: "/domains", token: "Basic", status: 401, code: .malformedAuthorization),
        Case(method: "GET", uri: "/emails", token: "Basic", status: 401, code: .malformedAuthorization, isEnvelope: true),
        Case(method: "GET", uri: "/emails", token: "Bearer nobody", status: 401, code: .unknownKey, isEnvelope: true),
        Case(method: "GET", uri: "/accounts", scopes: [.read], status: 403, code: .masterRequired),
        Case(method: "GET", uri: "/metrics", scopes: [.read], status: 403, code: .masterRequired),
        Case(method: "GET", uri: "/templates", scopes: [.send], status: 403, code: .scopeMissing, isEnvelope: true),
        Case(method: "GET", uri: "/nowhere", status: 404, code: .notFound),
        Case(method: "GET", uri: "/emails/x/y/z", status: 404, code: .notFound, isEnvelope: true),
        Case(method: "GET", uri: "/domains/none.example", status: 404, code: .notFound),
        Case(method: "PATCH", uri: "/domains", status: 405, code: .methodNotAllowed),
        Case(method: "PATCH", uri: "/emails", status: 405, code: .methodNotAllowed, isEnvelope: true),
        Case(method: "POST", uri: "/domains", body: #"{"name": "#, status: 400, code: .malformedRequest),
        Case(method: "POST", uri: "/domains", body: #"{"name": "shop.example"}"#, status: 400, code: .alreadyExists),
        Case(method: "POST", uri: "/domains", body: "{}", status: 422, code: .missingField),
        Case(method: "POST", uri: "/emails", body: "{}", status: 400, code: .missingField, isEnvelope: true),
        Case(method: "GET", uri: "/emails?colour=red", status: 422, code: .unknownField, isEnvelope: true),
        Case(method: "GET", uri: "/emails?status=LOST", status: 422, code: .invalidValue, isEnvelope: true),
        Case(
            method: "GET", uri: "/reports/emails?from=2025-01-01&to=2025-12-31", status: 400, code: .rangeTooLong, isEnvelope: true),
        Case(
            method: "POST", uri: "/emails", body: #"{"to": "a@b.example", "from": "a@none.example", "subject": "s", "text": "t"}"#,
            status: 403,
            code: .senderNotAllowed, isEnvelope: true),
        Case(
            method: "POST", uri: "/emails", body: #"{"to": "a@b.example", "from": "a@new.example", "subject": "s", "text": "t"}"#,
            status: 403,
            code: .domainNotVerified, isEnvelope: true),
        Case(
            method: "POST", uri: "/emails", body: #"{"to": "a@b.example", "from": "a@full.example", "subject": "s", "text": "t"}"#,
            status: 429,
            code: .dailyLimitExceeded, isEnvelope: true),
        Case(
            method: "POST", uri: "/emails", body: #"{"to": "a@b.example", "from": "a@stopped.example", "subject": "s", "text": "t"}"#,
            status: 403,
            code: .outboundSuspended, isEnvelope: true),
    ])
    func codes(_ item: Case) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example", account: "default")
            _ = try await api.store.makeDomain("new.example", isVerified: false)
            _ = try await api.store.makeDomain("full.example") {
                $0.outbound.dailyLimit = 1; $0.counters.sentToday = 1
            }
            _ = try await api.store.makeDomain("stopped.example") { $0.suspend(reason: "spam", at: $0.createdAt) }
            let method = HTTPRequest.Method(item.method) ?? .get
            let token = if let scopes = item.scopes { try await api.token(scopes: Set(scopes)) } else { APIHarness.master }
            let answer =
                if let header = item.token {
                    try await api.send(method, item.uri, token: "", body: item.body, headers: [.authorization: header])
                } else {
                    try await api.send(method, item.uri, token: token, body: item.body)
                }
            #expect(answer.status == item.status, "\(answer.text)")
            let reason = item.isEnvelope ? answer.meta : answer.object
            #expect(reason["code"]?.stringValue == item.code.rawValue, "\(answer.text)")
            #expect(reason[item.isEnvelope ? "explain" : "detail"]?.stringValue?.isEmpty == false)
        }
    }

    @Test func `too many failures have a code too`() async throws {
        try await withAPI { api in
            for _ in 1...10 { _ = try await api.send(.get, "/emails", token: "x") }
            let answer = try await api.send(.get, "/emails", token: "x")
            #expect(answer.status == 429 && answer.meta["code"]?.stringValue == "too_many_failures")
        }
    }

    private static let broken = #"{"filename": "a.txt", "content": "?"}, {"filename": "b/c", "content": "Zg=="}"#

    private static func faults(_ object: JSONObject) -> [String] {
        object["errors"]?.arrayValue?.compactMap { item in
            guard let fault = item.objectValue, fault["message"]?.stringValue?.isEmpty == false else { return nil }
            return "\(fault["field"]?.stringValue ?? "-"): \(fault["code"]?.stringValue ?? "-")"
        } ?? []
    }

    @Test(arguments: [
        (
            #"{"to": 1, "texts": "x"}"#,
            ["from: missing_field", "text: missing_field", "subject: missing_field", "to: wrong_type", "texts: unknown_field"]
        ),
        (
            #"{"to": "x", "from": "y@", "subject": "a\nb", "text": "t", "tags": ["ok", "a\nb"], "callbacks": ["ftp://x"], "cc": ["z"]}"#,
            [
                "to: invalid_value", "from: invalid_value", "subject: invalid_value", "callbacks[0]: invalid_value",
                "tags[1]: invalid_value",
                "cc[0]: invalid_value",
            ]
        ),
        (
            #"{"to": "a@b.example", "from": "a@b.example", "subject": "s", "text": "t", "attachments": ["# + broken + "]}",
            ["attachments[0].content: invalid_value", "attachments[1].filename: invalid_value"]
        ),
        (
            #"{"to": "a@b.example", "from": "a@b.example", "subject": "s", "text": "t", "attachments": [{"content": 1}, "x"]}"#,
            ["attachments[0].filename: missing_field", "attachments[0].content: wrong_type", "attachments[1]: wrong_type"]
        ),
    ])
    func `an email is refused for every faulty field at once`(body: String, expected: [String]) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/emails", body: body)
            #expect(answer.status == 400 || answer.status == 422)
            #expect(Self.faults(answer.meta) == expected, "\(answer.text)")
            #expect(answer.explain?.contains("; ") == true)
            let batch = try await api.send(.post, "/emails/batch", body: #"{"emails": [\#(body)]}"#)
            let item = try #require(batch.object["data"]?.arrayValue?.first?.objectValue)
            #expect(Self.faults(item) == expected && item["code"] == answer.meta["code"], "\(batch.text)")
        }
    }

    @Test func `a configuration is refused for every faulty field at once`() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example")
            let answer = try await api.send(
                .put, "/domains/shop.example/outbound", body: #"{"outbound_tier": "gold", "outbound_daily_limit": "7", "colour": 1}"#)
            #expect(answer.status == 422)
            #expect(
                Set(Self.faults(answer.object))
                    == ["outbound_tier: invalid_value", "outbound_daily_limit: invalid_value", "colour: unknown_field"], "\(answer.text)")
        }
    }

    @Test func `all unknown parameters are named`() async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/domains?colour=red&size=3")
            #expect(Self.faults(answer.object) == ["colour: unknown_field", "size: unknown_field"])
        }
    }
}
