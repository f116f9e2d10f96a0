import Hummingbird
import JSON
import MailModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OutboundTests {
    @Test func configuration() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com") { domain in
                domain.counters.sentToday = 3
                domain.counters.sentThisMonth = 300
                domain.counters.bounces = 5
            }
            let answer = try await api.send(.get, "/domains/example.com/outbound/")
            #expect(
                answer.text == """
                    {"name":"example.com","outbound_tier":"shared","outbound_status":"active","outbound_daily_limit":0,\
                    "outbound_monthly_limit":0,"outbound_sent_today":3,"outbound_sent_month":300,"outbound_enforcement":"hard",\
                    "bounce_count":5,"complaint_count":0,"bounce_rate":1.67,"complaint_rate":0.0,"ses_verified":true,\
                    "warmup_profile":"none","spike_max_multiplier":0.0,"outbound_daily_ceiling":0,"outbound_monthly_ceiling":0,\
                    "suspended_reason":null,"suspended_at":null}
                    """)
        }
    }

    @Test func change() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let answer = try await api.send(
                .put, "/domains/example.com/outbound",
                body: """
                    {"outbound_daily_limit": 500, "outbound_monthly_limit": 1e4, "outbound_tier": "dedicated", "outbound_enforcement": "soft",
                    "outbound_status": "suspended", "warmup_profile": "fast", "spike_max_multiplier": 2.5}
                    """)
            #expect(answer.status == 200)
            #expect(answer.object["outbound_daily_limit"]?.integerValue == 500)
            #expect(answer.object["outbound_monthly_limit"]?.integerValue == 10_000)
            #expect(answer.object["outbound_tier"]?.stringValue == "dedicated")
            #expect(answer.object["outbound_enforcement"]?.stringValue == "soft")
            #expect(answer.object["outbound_status"]?.stringValue == "suspended")
            #expect(answer.object["suspended_at"]?.stringValue == "2026-06-15T12:00:00.000Z")
            #expect(answer.object["warmup_profile"]?.stringValue == "fast")
            #expect(answer.object["spike_max_multiplier"]?.doubleValue == 2.5)
            #expect(try await api.send(.get, "/domains/example.com/outbound").text == answer.text)
        }
    }

    @Test(arguments: [
        (#"{"outbound_daily_limit": -1}"#, 422, "outbound_daily_limit: must be 0"),
        (#"{"outbound_daily_limit": "500"}"#, 422, #"outbound_daily_limit: expected a whole number, found "500""#),
        (#"{"outbound_daily_limit": 1.5}"#, 422, "outbound_daily_limit: expected a whole number, found 1.5"),
        (#"{"outbound_daily_limit": 1e30}"#, 422, "outbound_daily_limit: expected a whole number, found 1e30"),
        (#"{"outbound_daily_limit": null}"#, 422, "outbound_daily_limit: expected a whole number, found null"),
        (#"{"outbound_tier": "gold"}"#, 422, #"outbound_tier: expected one of shared, dedicated, found "gold""#),
        (#"{"outbound_status": true}"#, 422, "outbound_status: expected one of active, suspended, found true"),
        (#"{"outbound_enforcement": "SOFT"}"#, 422, "outbound_enforcement: expected one of soft, hard"),
        (#"{"warmup_profile": "slow"}"#, 422, "warmup_profile: expected one of none, fast, standard, conservative"),
        (#"{"spike_max_multiplier": -0.5}"#, 422, "spike_max_multiplier"),
        (#"{"outbound_sent_today": 0}"#, 422, "outbound_sent_today: the field is read-only"),
        (#"{"ses_verified": true}"#, 422, "ses_verified: the field is read-only"),
        (#"{"dailyLimit": 1}"#, 422, "dailyLimit: unknown field"),
        (#"{"outbound_daily_limit": 7, "outbound_tier": "gold", "x": 1}"#, 422, "outbound_tier: expected one of shared, dedicated"),
        (#"{"outbound_daily_limit": 7"#, 400, "line 1, column 27"), ("7", 422, "expected a JSON object, found a number"),
    ])
    func refusedChange(body: String, status: Int, detail: String) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let before = try await api.send(.get, "/domains/example.com/outbound").text
            let answer = try await api.send(.put, "/domains/example.com/outbound", body: body)
            #expect(answer.status == status)
            #expect(answer.detail?.contains(detail) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/domains/example.com/outbound").text == before)
        }
    }

    @Test func clientsChangeTheLimitsOnly() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let token = try await api.token()
            let limits = try await api.send(.put, "/domains/example.com/outbound", token: token, body: #"{"outbound_daily_limit": 7}"#)
            #expect(limits.status == 200)
            for field in [
                #""outbound_tier": "dedicated""#, #""outbound_status": "active""#, #""outbound_enforcement": "soft""#,
                #""warmup_profile": "fast""#, #""spike_max_multiplier": 2"#,
            ] {
                let answer = try await api.send(
                    .put, "/domains/example.com/outbound", token: token, body: #"{"outbound_daily_limit": 9, \#(field)}"#)
                #expect(answer.status == 403)
            }
            #expect(try await api.send(.get, "/domains/example.com/outbound").text == limits.text)
        }
    }

    @Test func increment() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com") { $0.outbound.dailyLimit = 3 }
            let token = try await api.token(scopes: [.send])
            let first = try await api.send(.post, "/domains/example.com/outbound/increment", token: token)
            #expect(first.status == 200)
            #expect(first.text == #"{"name":"example.com","outbound_sent_today":1,"outbound_sent_month":1,"allowed":true}"#)
            let counted = try await api.send(.post, "/domains/example.com/outbound/increment/", token: token, body: #"{"count": 2}"#)
            #expect(counted.text == #"{"name":"example.com","outbound_sent_today":3,"outbound_sent_month":3,"allowed":true}"#)
            let refused = try await api.send(.post, "/domains/example.com/outbound/increment", token: token, body: "{}")
            #expect(refused.status == 200)
            #expect(
                refused.text
                    == #"{"name":"example.com","outbound_sent_today":3,"outbound_sent_month":3,"allowed":false,"reason":"daily_limit_exceeded"}"#
            )
        }
    }

    @Test(arguments: [
        (#"{"count": 0}"#, 422), (#"{"count": 100001}"#, 422), (#"{"count": -1}"#, 422), (#"{"count": 9223372036854775808}"#, 422),
        (#"{"count": "1"}"#, 422), (#"{"n": 1}"#, 422), (#"[1]"#, 422), ("x", 400),
    ])
    func badIncrement(body: String, status: Int) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            let answer = try await api.send(.post, "/domains/example.com/outbound/increment", body: body)
            #expect(answer.status == status)
            #expect(answer.detail?.isEmpty == false)
            #expect(try await api.send(.get, "/domains/example.com/outbound").object["outbound_sent_today"]?.integerValue == 0)
        }
    }

    /// The limit is exact with simultaneous calls.
    @Test func incrementIsExact() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com") { $0.outbound.monthlyLimit = 50 }
            let allowed = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 1...200 {
                    group.addTask {
                        try await api.send(.post, "/domains/example.com/outbound/increment").object["allowed"] == .bool(true)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(allowed == 50)
        }
    }

    @Test func resetsAndBilling() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com", account: "=cmd|' /C calc'!A0") {
                $0.counters.sentToday = 7
                $0.counters.sentThisMonth = 200
                $0.counters.bounces = 1
            }
            #expect(try await api.send(.post, "/outbound/reset-daily").text == #"{"reset_count":1}"#)
            let monthly = try await api.send(.post, "/outbound/reset-monthly/")
            #expect(
                monthly.text == """
                    {"frozen":[{"name":"example.com","partner_ref":"=cmd|' /C calc'!A0","outbound_sent_month":200,"outbound_monthly_limit":0,\
                    "bounce_count":1,"complaint_count":0,"bounce_rate":0.5,"complaint_rate":0.0}],"reset_count":1}
                    """)
            let bill = try await api.send(.get, "/outbound/billing?period=2026-06")
            #expect(bill.object["period"]?.stringValue == "2026-06")
            #expect(bill.object["freezes"]?.arrayValue == [.string("2026-06-15T12:00:00.000Z")])
            #expect(bill.object["domains"] == monthly.object["frozen"])
            let csv = """
                period,name,partner_ref,outbound_sent_month,outbound_monthly_limit,bounce_count,complaint_count,bounce_rate,complaint_rate\r
                2026-06,example.com,'=cmd|' /C calc'!A0,200,0,1,0,0.5,0.0\r

                """
            let byAccept = try await api.send(.get, "/outbound/billing?period=2026-06", headers: [.accept: "text/csv"])
            let byFormat = try await api.send(.get, "/outbound/billing?period=2026-06&format=csv")
            #expect(byAccept.text == csv && byFormat.text == csv)
            #expect(byFormat.headers[.contentType] == "text/csv; charset=utf-8")
        }
    }

    @Test(arguments: ["", "?period=", "?period=2026-13", "?period=2026-6", "?period=06-2026", "?period=2026-06&format=xml"])
    func badBilling(query: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.get, "/outbound/billing\(query)")
            #expect(answer.status == 422)
        }
    }
}
