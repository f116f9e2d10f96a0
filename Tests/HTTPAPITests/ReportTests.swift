import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ReportTests {
    /// Three emails of `acme`, two of them of the campaign `spring/1`, and one of `other`; one is delivered and opened twice.
    private func withEmails(_ body: @escaping @Sendable (APIHarness, String) async throws -> Void) async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("shop.example")
            _ = try await api.store.makeDomain("other.example", account: "other")
            let token = try await api.token()
            for (number, words) in [#", "externalId": "spring/1", "tags": ["news"]"#, #", "externalId": "spring/1""#, ""].enumerated() {
                let answer = try await api.send(
                    .post, "/emails", token: token,
                    body: #"{"to": "r\#(number)@x.example", "from": "s@shop.example", "text": "t", "subject": "s"\#(words)}"#)
                #expect(answer.status == 202, "\(answer.text)")
                guard number == 0, let id = answer.data["id"]?.stringValue.flatMap(EmailID.init) else { continue }
                try await api.store.write { tx in
                    for status in [EmailStatus.sent, .delivered, .open, .open] {
                        try tx.emails.recordEvent(on: id, TimelineEntry(status, at: tx.now), status: status, settles: true)
                    }
                }
            }
            let other = try await api.send(
                .post, "/emails", body: #"{"to": "r@x.example", "from": "s@other.example", "text": "t", "subject": "s", "externalId": "o"}"#
            )
            #expect(other.status == 202)
            try await body(api, token)
        }
    }

    private func totals(_ answer: Answer) -> [String: Int64] {
        let totals = answer.data["totals"]?.objectValue ?? JSONObject()
        return Dictionary(uniqueKeysWithValues: totals.compactMap { member in member.value.integerValue.map { (member.name, $0) } })
    }

    @Test func `totals and series`() async throws {
        try await withEmails { api, token async throws in
            let answer = try await api.send(.get, "/reports/emails?from=2026-06-14&to=2026-06-15&timezone=Asia/Kathmandu", token: token)
            #expect(answer.status == 200)
            #expect(answer.data["from"]?.stringValue == "2026-06-13T18:15:00.000Z")
            #expect(answer.data["to"]?.stringValue == "2026-06-15T18:15:00.000Z")
            #expect(answer.data["groupBy"]?.stringValue == "day" && answer.data["timezone"]?.stringValue == "Asia/Kathmandu")
            let totals = totals(answer)
            #expect(
                totals["accepted"] == 3 && totals["sent"] == 1 && totals["opened"] == 1 && totals["opens"] == 2 && totals["clicks"] == 0)
            #expect(answer.data["totals"]?.objectValue?["openRate"]?.doubleValue == 100)
            let series = answer.data["series"]?.arrayValue ?? []
            #expect(series.map { $0.objectValue?["local"]?.stringValue } == ["2026-06-14", "2026-06-15"])
            #expect(series.map { $0.objectValue?["accepted"]?.integerValue } == [0, 3])
            #expect(series.last?.objectValue?["at"]?.stringValue == "2026-06-14T18:15:00.000Z")
        }
    }

    @Test(arguments: [
        ("", 3, 4), ("?domain=shop.example", 3, 3), ("?domain=Shop.Example", 3, 3), ("?domain=other.example", 0, 1),
        ("?domain=nobody.example", 0, 0), ("?sender=s@shop.example", 3, 3), ("?sender=t@shop.example", 0, 0),
        ("?campaign=spring/1", 2, 2), ("?campaign=spring%2F1", 2, 2), ("?campaign=o", 0, 1), ("?tag=news", 1, 1), ("?tag=old", 0, 0),
        ("?from=2026-06-15T12:15:00Z&to=2026-06-15T13:00:00Z", 0, 0), ("?from=2026-06-15T11:00:00Z&to=2026-06-15T12:15:00Z", 3, 4),
    ])
    func `filters, of the customer's own and of all`(query: String, own: Int64, all: Int64) async throws {
        try await withEmails { api, token async throws in
            #expect(totals(try await api.send(.get, "/reports/emails\(query)", token: token))["accepted"] == own)
            #expect(totals(try await api.send(.get, "/reports/emails\(query)"))["accepted"] == all)
            let separator = query.isEmpty ? "?" : "&"
            #expect(totals(try await api.send(.get, "/reports/emails\(query)\(separator)userName=acme"))["accepted"] == own)
            #expect(try await api.send(.get, "/reports/emails\(query)\(separator)userName=other", token: token).status == 404)
        }
    }

    @Test(
        arguments: [
            ("from=2026-01-01&to=2026-04-03", 400, "The date range exceeds the allowed limit: 92"),
            ("from=2026-01-01&to=2026-04-02", 200, nil),
            ("from=2026-01-01T00:00:00Z&to=2026-04-03T00:00:01Z", 400, "The date range exceeds the allowed limit: 92"),
            ("from=2026-06-15&to=2026-06-14", 422, "to: expected a time behind from"),
            ("from=yesterday", 422, "from: expected a date, 2026-01-31, or an RFC 3339 time, 2026-01-31T18:00:00Z"),
            ("to=2026-02-30", 422, "to: expected a date, 2026-01-31, or an RFC 3339 time, 2026-01-31T18:00:00Z"),
            ("timezone=Berlin", 422, "timezone: expected a name of the IANA time zone database, such as Europe/Madrid"),
            ("timezone=GMT%2B2", 422, "timezone: expected a name of the IANA time zone database, such as Europe/Madrid"),
            ("groupBy=week", 422, "groupBy: expected one of hour, day, month"),
            ("domain=a.example&tag=x", 422, "tag: cannot be combined with domain: emails are counted for each of them by itself"),
            ("domain=-", 422, "domain: expected a domain name"), ("sender=x", 422, "sender: expected an email address"),
            ("format=xml", 422, "format: expected json or csv"), ("account=acme", 422, nil),
        ] as [(String, Int, String?)])
    func `invalid queries`(query: String, status: Int, explain: String?) async throws {
        try await withEmails { api, token async throws in
            let answer = try await api.send(.get, "/reports/emails?\(query)", token: token)
            #expect(answer.status == status, "\(answer.text)")
            if let explain { #expect(answer.explain == explain) }
        }
    }

    @Test func `campaigns`() async throws {
        try await withEmails { api, token async throws in
            let list = try await api.send(.get, "/reports/campaigns", token: token)
            #expect(list.object["data"]?.arrayValue?.compactMap { $0.objectValue?["externalId"]?.stringValue } == ["spring/1"])
            let all = try await api.send(.get, "/reports/campaigns?limit=1")
            #expect(all.object["data"]?.arrayValue?.compactMap { $0.objectValue?["externalId"]?.stringValue } == ["o"])
            let next = try #require(all.meta["next"]?.stringValue)
            let rest = try await api.send(.get, "/reports/campaigns?after=\(next)")
            #expect(rest.object["data"]?.arrayValue?.compactMap { $0.objectValue?["userName"]?.stringValue } == ["acme"])
            #expect(rest.meta["next"] == nil)

            api.clock.advance(by: .seconds(2 * 86_400))
            let campaign = try await api.send(.get, "/reports/campaigns/spring%2F1?groupBy=month", token: token)
            #expect(campaign.status == 200, "\(campaign.text)")
            #expect(totals(campaign)["accepted"] == 2 && totals(campaign)["opens"] == 2)
            #expect(campaign.data["from"]?.stringValue == "2026-06-15T00:00:00.000Z")
            #expect(campaign.data["series"]?.arrayValue?.map { $0.objectValue?["accepted"]?.integerValue } == [2])
            let ranged = try await api.send(.get, "/reports/campaigns/spring%2F1?from=2026-06-16&to=2026-06-17", token: token)
            #expect(totals(ranged)["accepted"] == 2)
            #expect(ranged.data["series"]?.arrayValue?.map { $0.objectValue?["accepted"]?.integerValue } == [0, 0])

            #expect(try await api.send(.get, "/reports/campaigns/o", token: token).status == 404)
            #expect(try await api.send(.get, "/reports/campaigns/o").status == 422)
            #expect(try await api.send(.get, "/reports/campaigns/o?userName=other").status == 200)
            #expect(try await api.send(.get, "/reports/campaigns/o?userName=acme").status == 404)
        }
    }

    @Test func `tables for spreadsheets`() async throws {
        try await withEmails { api, token async throws in
            let emails = try await api.send(
                .get, "/reports/emails?from=2026-06-15&to=2026-06-15", token: token, headers: [.accept: "text/csv"])
            #expect(emails.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(
                emails.text == """
                    at,local,accepted,sent,delivered,opened,opens,clicked,clicks,softBounced,hardBounced,complained,unsubscribed,rejected,blocked,\
                    blacklisted,automatedOpens,automatedClicks,deliveryRate,openRate,clickRate,bounceRate,softBounceRate,complaintRate,unsubscribeRate\r
                    2026-06-15T00:00:00.000Z,2026-06-15,3,1,1,1,2,0,0,0,0,0,0,0,0,0,0,0,100.0,100.0,0.0,0.0,0.0,0.0,0.0\r\n
                    """)
            let campaigns = try await api.send(.get, "/reports/campaigns?format=csv", token: token)
            #expect(campaigns.text.hasPrefix("externalId,userName,createdAt,accepted,sent,"))
            #expect(campaigns.text.contains("\r\nspring/1,acme,2026-06-15T12:00:00.000Z,2,1,1,1,2,"))
            let campaign = try await api.send(.get, "/reports/campaigns/spring%2F1?format=csv&groupBy=month", token: token)
            #expect(campaign.text.split(separator: "\r\n").count == 2)
        }
    }

    @Test func `a key needs the scope read`() async throws {
        try await withEmails { api, _ in
            let token = try await api.token(scopes: [.send])
            for path in ["/reports/emails", "/reports/campaigns", "/reports/campaigns/o"] {
                #expect(try await api.send(.get, path, token: token).status == 403)
            }
        }
    }
}
