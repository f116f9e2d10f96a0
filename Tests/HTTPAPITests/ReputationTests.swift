import Feedback
import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReputationTests {
    private func withSender(_ body: @escaping @Sendable (APIHarness, String) async throws -> Void) async throws {
        try await withAPI { api in
            let domain = try await api.store.makeDomain("shop.example")
            let token = try await api.token()
            for _ in 1...2 {
                _ = try await api.send(.post, "/domains/shop.example/outbound/increment", token: token, body: #"{"count": 100}"#)
            }
            let bounces = JudgeAccount(accountID: domain.accountID, bounces: 6, complaints: 0, reputation: Reputation())
            _ = try await api.store.write { try bounces.run(in: $0) }
            try await body(api, token)
        }
    }

    private static let email = #"{"to": "r@x.example", "from": "s@shop.example", "text": "t", "subject": "s"}"#

    @Test func theOwnerAndTheMasterMayReadIt() async throws {
        try await withSender { api, token in
            for caller in [token, APIHarness.master] {
                let answer = try await api.send(.get, "/accounts/acme/reputation", token: caller)
                #expect(answer.status == 200)
                #expect(answer.object["status"]?.stringValue == "warning")
                #expect(answer.object["sent"]?.integerValue == 200 && answer.object["bounces"]?.integerValue == 6)
                #expect(answer.object["bounce_rate"]?.doubleValue == 3 && answer.object["complaint_rate"]?.doubleValue == 0)
                let thresholds = answer.object["thresholds"]?.objectValue
                #expect(thresholds?["bounce_warning"]?.doubleValue == 2.5 && thresholds?["complaint_block"]?.doubleValue == 0.1)
                #expect(answer.object["since"]?.stringValue == "2026-05-17T00:00:00.000Z", "\(answer.text)")
                #expect((answer.object["reviews"] != nil) == (caller != token))
            }
            #expect(try await api.send(.get, "/accounts/acme/reputation", token: try await api.token(of: "other")).status == 404)
            #expect(try await api.send(.get, "/accounts/nobody/reputation").status == 404)
        }
    }

    @Test func blockReviewLift() async throws {
        try await withSender { api, token in
            #expect(try await api.send(.post, "/emails", token: token, body: Self.email).status == 202)
            let blocked = try await api.send(.post, "/accounts/acme/review", body: #"{"decision": "block", "note": "spam trap"}"#)
            #expect(blocked.status == 200 && blocked.object["reason"]?.stringValue == "blocked by the operator: spam trap")
            for caller in [token, APIHarness.master] {
                let refused = try await api.send(.post, "/emails", token: caller, body: Self.email)
                #expect(refused.status == 403 && refused.data["status"]?.stringValue == "BLOCKED_DUE_BAD_BEHAVIOUR")
            }
            let increment = try await api.send(.post, "/domains/shop.example/outbound/increment", token: token)
            #expect(increment.status == 200 && increment.object["allowed"]?.boolValue == false)
            #expect(increment.object["reason"]?.stringValue == "account_blocked")
            // An account cannot lift its own block.
            let own = try await api.send(.post, "/accounts/acme/review", token: token, body: #"{"decision": "lift"}"#)
            #expect(own.status == 403 && own.detail == "Master token required")
            #expect(try await api.send(.post, "/emails", token: token, body: Self.email).status == 403)
            let queue = try await api.send(.get, "/accounts?status=blocked")
            #expect(queue.json?.arrayValue?.compactMap { $0.objectValue?["partner_ref"]?.stringValue } == ["acme"])
            let lifted = try await api.send(.post, "/accounts/acme/review", body: #"{"decision": "lift", "note": "list cleaned"}"#)
            #expect(lifted.object["status"]?.stringValue == "ok" && lifted.object["sent"]?.integerValue == 0)
            #expect(lifted.object["reviews"]?.arrayValue?.count == 2)
            #expect(try await api.send(.post, "/emails", token: token, body: Self.email).status == 202)
            for status in ["blocked", "warning"] {
                #expect(try await api.send(.get, "/accounts?status=\(status)").json?.arrayValue?.isEmpty == true)
            }
            #expect(try await api.send(.get, "/accounts?status=ok").json?.arrayValue?.count == 1)
        }
    }

    @Test(arguments: [
        ("{}", "decision"), (#"{"decision": "forgive"}"#, "decision"), (#"{"decision": "lift", "note": 7}"#, "note"),
        (#"{"decision": "lift", "why": "x"}"#, "why"),
    ])
    func refusals(body: String, named: String) async throws {
        try await withSender { api, _ in
            let answer = try await api.send(.post, "/accounts/acme/review", body: body)
            #expect(answer.status == 422 && answer.detail?.hasPrefix(named) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/accounts?status=banned").status == 422)
            #expect(try await api.send(.post, "/accounts/nobody/review", body: #"{"decision": "lift"}"#).status == 404)
        }
    }
}
