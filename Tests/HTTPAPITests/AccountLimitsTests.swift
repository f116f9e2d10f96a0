import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AccountLimitsTests {
    @Test func `The limits are shown to their owner and the master, and changed by the master in part`() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com") { $0.counters.sentToday = 9 }
            let (own, other) = (try await api.token(), try await api.token(of: "globex"))
            let fresh = try await api.send(.get, "/accounts/acme/outbound", token: own)
            #expect(
                fresh.text == """
                    {"partner_ref":"acme","daily_limit":0,"monthly_limit":0,"enforcement":"hard","domains_limit":0,"domains":1,\
                    "sent_today":0,"sent_month":0}
                    """)
            let changed = try await api.send(.put, "/accounts/acme/limits", body: #"{"daily_limit": 5, "enforcement": "soft"}"#)
            #expect(changed.status == 200)
            #expect(changed.object["daily_limit"]?.integerValue == 5 && changed.object["enforcement"]?.stringValue == "soft")
            let again = try await api.send(.put, "/accounts/acme/limits", body: #"{"domains_limit": 2}"#)
            #expect(again.object["daily_limit"]?.integerValue == 5 && again.object["domains_limit"]?.integerValue == 2)
            #expect(try await api.send(.get, "/accounts/acme/outbound").text == again.text)
            #expect(try await api.send(.get, "/accounts/acme/outbound", token: other).status == 404)
            #expect(try await api.send(.put, "/accounts/acme/limits", token: own, body: #"{"daily_limit": 9}"#).status == 403)
            #expect(try await api.send(.put, "/accounts/nobody/limits", body: #"{"daily_limit": 9}"#).status == 404)
            #expect(try await api.send(.get, "/accounts/nobody/outbound").status == 404)
        }
    }

    @Test(arguments: [
        (#"{"daily_limit": -1}"#, 422, "daily_limit: must be 0"),
        (#"{"monthly_limit": "5"}"#, 422, "monthly_limit: expected a whole number"),
        (#"{"enforcement": "lax"}"#, 422, "enforcement: expected one of soft, hard"),
        (#"{"sent_today": 0}"#, 422, "sent_today: the field is read-only"),
        (#"{"limit": 1}"#, 422, "limit: unknown field"), (#"{"daily_limit": 7, "domains_limit": -1}"#, 422, "domains_limit: must be 0"),
        (#"{"daily_limit": 7"#, 400, ""),
    ])
    func `A change that is refused changes nothing`(body: String, status: Int, detail: String) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let before = try await api.send(.get, "/accounts/acme/outbound").text
            let answer = try await api.send(.put, "/accounts/acme/limits", body: body)
            #expect(answer.status == status)
            #expect(answer.detail?.contains(detail) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/accounts/acme/outbound").text == before)
        }
    }

    @Test func `A limit refuses increments, emails and copies of all domains, with its reason and Retry-After`() async throws {
        try await withAPI { api in
            for name in ["example.com", "example.net"] { _ = try await api.store.makeDomain(name) }
            let token = try await api.token()
            _ = try await api.send(.put, "/accounts/acme/limits", body: #"{"daily_limit": 3}"#)
            let first = try await api.send(.post, "/domains/example.com/outbound/increment", token: token, body: #"{"count": 2}"#)
            #expect(first.object["allowed"]?.boolValue == true)
            let copies = try await api.send(
                .post, "/emails", token: token,
                body: #"{"from": "a@example.net", "to": "b@customer.example", "cc": ["c@customer.example"], "subject": "s", "text": "t"}"#)
            #expect(copies.status == 429)
            #expect(copies.text.contains("account_daily_limit_exceeded") && copies.headers[.retryAfter] != nil)
            let email = #"{"from": "a@example.net", "to": "b@customer.example", "subject": "s", "text": "t"}"#
            #expect(try await api.send(.post, "/emails", token: token, body: email).status == 202)
            let refused = try await api.send(.post, "/domains/example.com/outbound/increment", token: token)
            #expect(refused.object["reason"]?.stringValue == "account_daily_limit_exceeded")
            let batch = try await api.send(.post, "/emails/batch", token: token, body: #"{"emails": [\#(email)]}"#)
            #expect(batch.text.contains("account_daily_limit_exceeded"))
            _ = try await api.send(.put, "/accounts/acme/limits", body: #"{"enforcement": "soft"}"#)
            let soft = try await api.send(.post, "/emails", token: token, body: email)
            #expect(soft.status == 202 && soft.text.contains("account_daily_limit_exceeded_soft"))
            let outbound = try await api.send(.get, "/accounts/acme/outbound", token: token)
            #expect(outbound.object["sent_today"]?.integerValue == 4)
        }
    }

    @Test func `A ceiling is what the master set, and bounds the customer by name`() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let token = try await api.token()
            func put(_ body: String, as token: String = APIHarness.master) async throws -> Answer {
                try await api.send(.put, "/domains/example.com/outbound", token: token, body: body)
            }
            #expect(try await put(#"{"outbound_daily_limit": 9}"#, as: token).status == 200)
            #expect(try await put(#"{"outbound_daily_limit": 100}"#).object["outbound_daily_ceiling"]?.integerValue == 100)
            for limit in [101, 0] {
                let answer = try await put(#"{"outbound_monthly_limit": 1, "outbound_daily_limit": \#(limit)}"#, as: token)
                #expect(answer.status == 422 && answer.detail?.contains("outbound_daily_ceiling") == true)
            }
            #expect(try await put(#"{"outbound_daily_limit": 50}"#, as: token).object["outbound_daily_ceiling"]?.integerValue == 100)
            #expect(try await put(#"{"outbound_daily_ceiling": 500}"#, as: token).status == 403)
            let lowered = try await put(#"{"outbound_daily_ceiling": 20}"#)
            #expect(lowered.object["outbound_daily_limit"]?.integerValue == 20)
            #expect(lowered.object["outbound_monthly_limit"]?.integerValue == 0)
        }
    }

    @Test func `Changes of limits and of the status are in the audit log, calls that change nothing are not`() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let token = try await api.token()
            let calls = [
                ("/accounts/acme/limits", APIHarness.master, #"{"daily_limit": 3}"#),
                ("/accounts/acme/limits", APIHarness.master, #"{"daily_limit": 3}"#),
                ("/domains/example.com/outbound", token, #"{"outbound_daily_limit": 7}"#),
                ("/domains/example.com/outbound", APIHarness.master, #"{"outbound_status": "suspended", "outbound_daily_limit": 7}"#),
                ("/domains/example.com/outbound", APIHarness.master, #"{"outbound_status": "active"}"#),
            ]
            for (path, token, body) in calls {
                api.clock.advance(by: .seconds(1))
                #expect(try await api.send(.put, path, token: token, body: body).status == 200)
            }
            let rows = try await api.store.read { try $0.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 20) }
            let actions = rows.map(\.action).filter { !$0.hasPrefix("key") && $0 != "account.create" }
            // The call that suspends makes the limit the ceiling too.
            #expect(actions == ["domain.activate", "domain.update", "domain.suspend", "domain.update", "account.limits"])
            let limits = try #require(rows.first { $0.action == "account.limits" })
            #expect(limits.after == ["daily_limit": 3] && limits.before == ["daily_limit": 0])
            let ceiling = try #require(rows.first { $0.action == "domain.update" })
            #expect(ceiling.after == ["outbound_daily_ceiling": 7] && ceiling.before == ["outbound_daily_ceiling": 0])
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct UsageTests {
    @Test func `Usage is by day and domain, and each account sees its own`() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com") { $0.outbound.dailyLimit = 5 }
            _ = try await api.store.makeDomain("other.example", account: "globex")
            let (own, other) = (try await api.token(), try await api.token(of: "globex"))
            for count in [5, 2] {
                _ = try await api.send(.post, "/domains/example.com/outbound/increment", token: own, body: #"{"count": \#(count)}"#)
            }
            api.clock.advance(by: .seconds(86_400))
            _ = try await api.send(.post, "/domains/example.com/outbound/increment", token: own)
            _ = try await api.send(.post, "/domains/other.example/outbound/increment", token: other)
            let first = #"{"date":"2026-06-15","domain":"example.com","sender":null,"sent":5,"refused":2,"bounces":0,"complaints":0}"#
            let second = #"{"date":"2026-06-16","domain":"example.com","sender":null,"sent":1,"refused":0,"bounces":0,"complaints":0}"#
            #expect(try await api.send(.get, "/usage", token: own).text == "[\(first),\(second)]")
            #expect(try await api.send(.get, "/usage?partner_ref=acme&until=2026-06-15").text == "[\(first)]")
            #expect(try await api.send(.get, "/usage?since=2026-06-16&domain=Example.com", token: own).text == "[\(second)]")
            #expect(try await api.send(.get, "/usage?domain=example.com", token: other).text == "[]")
            #expect(try await api.send(.get, "/usage?partner_ref=acme", token: other).status == 404)
            let all = try await api.send(.get, "/usage?format=csv")
            #expect(
                all.text == """
                    date,domain,sender,sent,refused,bounces,complaints\r
                    2026-06-15,example.com,,5,2,0,0\r
                    2026-06-16,example.com,,1,0,0,0\r
                    2026-06-16,other.example,,1,0,0,0\r

                    """)
        }
    }

    @Test(arguments: [
        "since=2026-13-01", "until=today", "since=2026-06-02&until=2026-06-01", "since=2026-01-01&until=2026-06-01", "domain=x..y",
        "days=3",
    ])
    func `A range that cannot be read, or is too long, is refused`(query: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/usage?\(query)")
            #expect(answer.status == 422)
        }
    }
}
