import AmazonSES
import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing

@testable import HTTPAPI

/// A walk through every operation, in which each succeeds at least once.
///
/// The harness compares the answers with their schemas.
@Suite(.timeLimit(.minutes(1)))
struct AnswerTests {
    @Test func everyOperation() async throws {
        try await withAPI { api in
            let walk = try await Walk(api)
            try await walk.domains()
            try await walk.keysAndAccounts()
            try await walk.senders()
            try await walk.templates()
            try await walk.emails()
            try await walk.suppressions()
            try await walk.recipients()
            try await walk.subscriptions()
            try await walk.callbacks()
            try await walk.reports()
            try await walk.resets()
            try await walk.otherPrograms()
            try await walk.deletions()
            #expect(api.answers.missing == [])
        }
    }
}

/// The calls of ``AnswerTests``, on the domain `shop.example` of the account `acme`.
private struct Walk {
    let api: APIHarness
    let token: String

    init(_ api: APIHarness) async throws {
        self.api = api
        token = try await api.token()
    }

    /// Calls an operation, and expects a status.
    @discardableResult
    private func call(
        _ method: HTTPRequest.Method, _ uri: String, by token: String? = nil, _ body: String? = nil, type: String = "application/json",
        headers: HTTPFields = [:], expecting status: Int = 200
    ) async throws -> Answer {
        let answer = try await api.send(method, uri, token: token ?? APIHarness.master, body: body, type: type, headers: headers)
        #expect(answer.status == status, "\(method) \(uri): \(answer.text)")
        return answer
    }

    func domains() async throws {
        try await call(.post, "/domains", #"{"name": "shop.example", "partner_ref": "acme"}"#, expecting: 201)
        try await call(.post, "/domains", by: token, #"{"name": "other.example"}"#, expecting: 201)
        try await call(.get, "/domains")
        try await call(.get, "/domains/shop.example")
        try await call(.put, "/domains/shop.example", #"{"from_name": "Shop"}"#)
        try await call(.post, "/domains/shop.example/ses-verify")
        try await call(.get, "/domains/other.example/ses-status")
        api.identities.answer(identity: .success, dkim: .success)
        try await call(.get, "/domains/shop.example/ses-status")
        try await call(.get, "/domains/shop.example/dns-check")
        try await call(.get, "/domains/shop.example/records.zone")
        try await call(.post, "/domains/other.example/approve")
        try await call(.put, "/domains/other.example/owner", #"{"partner_ref": "beta"}"#)
        try await call(
            .put, "/domains/other.example/outbound",
            #"{"outbound_status": "suspended", "outbound_tier": "dedicated", "spike_max_multiplier": 2.5, "warmup_profile": "fast"}"#)
        try await call(.get, "/domains/shop.example/outbound")
        try await call(.post, "/domains/shop.example/outbound/increment", #"{"count": 3}"#)
        try await call(.post, "/domains/other.example/outbound/increment")
    }

    func keysAndAccounts() async throws {
        let key = try await call(
            .post, "/api-keys",
            """
            {"partner_ref": "beta", "name": "Bob", "scopes": ["read"], "expires_at": "2027-01-01T00:00:00Z", "domains": ["shop.example"],
            "allowed_ips": ["192.0.2.7", "2001:db8::/32"], "rate_limit": 50}
            """, expecting: 201)
        try await call(.get, "/api-keys")
        let id = key.object["id"]?.integerValue ?? 0
        try await call(.put, "/api-keys/\(id)", #"{"active": false, "expires_at": null}"#)
        try await call(.post, "/api-keys/\(id)/rotate", #"{"overlap_seconds": 60}"#)
        try await call(.get, "/api-keys")
        try await call(.delete, "/api-keys/\(id)", expecting: 204)
        try await call(.get, "/accounts")
        try await call(.get, "/accounts/acme")
        try await call(.post, "/accounts/beta/review", #"{"decision": "block", "note": "Bought lists"}"#)
        try await call(.get, "/accounts/beta/reputation")
        try await call(.get, "/accounts/acme/reputation", by: token)
        try await call(.put, "/accounts/acme/limits", #"{"daily_limit": 1000, "enforcement": "soft"}"#)
        try await call(.get, "/accounts/acme/outbound", by: token)
        try await call(.put, "/accounts/acme/contacts", by: token, #"[{"address": "ann@partner.example", "events": ["domain.quota"]}]"#)
        try await call(.get, "/accounts/acme/contacts", by: token)
    }

    func senders() async throws {
        try await call(.post, "/senders", by: token, #"{"email": "Ann@mail.example"}"#, expecting: 201)
        try await call(.get, "/senders", by: token)
        try await call(.post, "/senders/Ann@mail.example/approve")
        try await call(.delete, "/senders/Ann@mail.example", by: token, expecting: 204)
    }

    func templates() async throws {
        try await call(
            .post, "/templates", by: token, #"{"name": "welcome", "subject": "Welcome, {{name}}", "text": "Your code is {{code}}."}"#,
            expecting: 201)
        try await call(.get, "/templates", by: token)
        try await call(.get, "/templates/welcome", by: token)
        try await call(
            .put, "/templates/welcome?userName=acme", #"{"subject": "Hello", "text": "Hello {{name}}", "html": "<p>{{name}}</p>"}"#)
    }

    func emails() async throws {
        let full = try await call(
            .post, "/emails?unsubscribeMsg=Leave", by: token,
            """
            {"to": "eva@reader.example", "from": "News <news@shop.example>", "subject": "Offer", "text": "New.", "html": "<p>New.</p>",
            "externalId": "spring", "clientId": "7", "alias": "Eva", "callbacks": ["https://93.184.216.34/a"], "tags": ["news"],
            "cc": ["C <c@reader.example>"], "bcc": "b@reader.example", "category": "marketing", "replyTo": "a@shop.example",
            "headers": {"X-Kind": "offer"}, "attachments": [{"filename": "a.txt", "content": "QQ==", "contentId": "a"}]}
            """, headers: [try #require(.init("Idempotency-Key")): "k"], expecting: 202)
        let id = full.data["id"]?.stringValue ?? ""
        try await recordEvents(on: id)
        try await call(.get, "/emails/\(id)", by: token)
        let copies = full.data["copies"]?.arrayValue?.compactMap { $0.objectValue?["id"]?.stringValue } ?? []
        for copy in copies { try await call(.get, "/emails/\(copy)") }
        try await call(.get, "/emails/\(id)/source")
        let scheduled = try await call(
            .post, "/emails", by: token,
            #"{"to": "a@reader.example", "from": "n@shop.example", "subject": "s", "text": "t", "sendAt": "2026-06-16T12:00:00Z"}"#,
            expecting: 202)
        try await call(
            .post, "/emails", by: token,
            #"{"to": "a@reader.example", "from": "n@shop.example", "template": "welcome"}"#, expecting: 202)
        try await call(.get, "/emails?limit=3")
        try await call(.delete, "/emails/\(scheduled.data["id"]?.stringValue ?? "")", expecting: 204)
        try await call(
            .post, "/emails/batch", by: token,
            """
            {"emails": [{"to": "x@reader.example", "from": "n@shop.example", "subject": "s", "text": "t"}, 7,
            {"to": "x@reader.example", "from": "n@foreign.example", "subject": "s", "text": "t"}]}
            """)
        try await call(.get, "/refusals", by: token)
        try await call(.get, "/search?q=shop", by: token)
    }

    private func recordEvents(on id: String) async throws {
        let id = try #require(EmailID(id))
        try await api.store.write { tx in
            try tx.emails.recordEvent(on: id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
            let bounce = TimelineEntry(
                .bouncedPermanent, at: tx.now, explanation: "The recipient's server refuses the address.",
                details: #"{"bounceType": "Permanent"}"#)
            try tx.emails.recordEvent(on: id, bounce, status: .bouncedPermanent, settles: true)
        }
    }

    func suppressions() async throws {
        let body = #"{"address": "Former@customer.example", "sender": "n@shop.example", "reason": "complaint", "note": "By phone"}"#
        let added = try await call(.post, "/suppressions", by: token, body, expecting: 201)
        try await call(.post, "/suppressions", by: token, body)
        try await call(
            .post, "/suppressions/import", by: token, "address,reason,colour\na@b.example,manual,red\nnobody,manual,blue\n",
            type: "text/csv")
        try await call(.get, "/suppressions", by: token)
        try await call(.get, "/suppressions?format=csv", by: token)
        try await call(.delete, "/suppressions/\(added.data["id"]?.integerValue ?? 0)", by: token, expecting: 204)
    }

    func recipients() async throws {
        try await call(.post, "/suppressions", by: token, #"{"address": "gone@customer.example"}"#, expecting: 201)
        try await call(.get, "/recipients/Gone@customer.example?limit=5", by: token)
        let job = try await call(.post, "/recipients/erase", by: token, #"{"address": "Gone@customer.example"}"#, expecting: 202)
        try await call(.get, "/jobs/\(job.data["id"]?.stringValue ?? "")", by: token)
        try await call(.delete, "/suppressions?address=gone@customer.example", by: token, expecting: 204)
    }

    func subscriptions() async throws {
        // Later than all emails before, so that the message is the newest.
        api.clock.advance(by: .seconds(1))
        let body = #"{"email": "Ann@reader.example", "list": "news", "from": "news@shop.example"}"#
        let requested = try await call(.post, "/subscriptions", by: token, body, expecting: 202)
        let emails = try await api.store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 1).emails }
        let newest = try #require(emails.first?.id)
        let email = try #require(try await api.store.read { try $0.emails.find(newest) })
        let link = try #require(email.content.text.firstMatch(of: /https:\/\/mail\.example(\/c\/\S+)/)?.1)
        try await call(.get, String(link), by: "")
        try await call(.post, String(link), by: "", headers: [.userAgent: "Browser/1"])
        try await call(.get, "/subscriptions?list=news", by: token)
        try await call(.delete, "/subscriptions/\(requested.data["id"]?.stringValue ?? "")", by: token, expecting: 204)
        let source = try await api.send(.get, "/emails/\(email.id)/source").text
        let leaving = try #require(source.firstMatch(of: /<https:\/\/mail\.example(\/u\/[^>]+)>/)?.1)
        try await call(.get, String(leaving), by: "")
        try await call(.post, String(leaving), by: "", "List-Unsubscribe=One-Click", type: "application/x-www-form-urlencoded")
    }

    func callbacks() async throws {
        let endpoint = try await call(
            .post, "/callback-endpoints", by: token, #"{"url": "https://93.184.216.34/b", "events": ["DELIVERED"]}"#, expecting: 201)
        let id = endpoint.data["id"]?.integerValue ?? 0
        try await call(.get, "/callback-endpoints", by: token)
        try await call(.put, "/callback-endpoints/\(id)", by: token, #"{"events": []}"#)
        let ping = try await call(.post, "/callback-endpoints/\(id)/ping", by: token, expecting: 202)
        try await attemptCallbacks()
        try await call(.get, "/callback-deliveries", by: token)
        let delivery = "/callback-deliveries/\(ping.data["id"]?.stringValue ?? "")"
        try await call(.get, delivery, by: token)
        try await call(.post, "\(delivery)/replay", by: token, expecting: 202)
        try await call(.get, "/callback-secret", by: token)
        try await call(.post, "/callback-secret/rotate", by: token, #"{"overlapHours": 2}"#)
        try await call(.delete, "/callback-endpoints/\(id)", by: token, expecting: 204)
    }

    /// Claims the deliveries that are due: one is delivered, the others fail.
    private func attemptCallbacks() async throws {
        try await api.store.write { tx in
            let claims = try tx.callbacks.claim(CallbackClaimRules(owner: "test"), limit: 10, underWay: [:]).claims
            #expect(claims.count > 1)
            for (number, claim) in claims.enumerated() {
                let attempt = CallbackAttempt(at: tx.now, httpStatus: number == 0 ? 204 : 500, error: number == 0 ? nil : "answered 500")
                try tx.callbacks.record(number == 0 ? .delivered(attempt) : .failed(attempt), of: claim, owner: "test")
            }
        }
    }

    func reports() async throws {
        try await call(.get, "/reports/emails?from=2026-06-14&to=2026-06-15", by: token)
        try await call(.get, "/reports/emails?format=csv", by: token)
        try await call(.get, "/reports/campaigns", by: token)
        try await call(.get, "/reports/campaigns/spring?groupBy=hour", by: token)
        try await call(.get, "/usage?since=2026-06-14&until=2026-06-15", by: token)
        try await call(.get, "/audit", by: token)
        try await call(.get, "/audit?action=domain.create&format=csv")
    }

    func resets() async throws {
        try await call(.post, "/outbound/reset-daily")
        try await call(.post, "/outbound/reset-monthly")
        try await call(.get, "/outbound/billing?period=2026-06")
        try await call(.get, "/outbound/billing?period=2026-06&format=csv")
    }

    func otherPrograms() async throws {
        let message = #"""
            {"Type":"SubscriptionConfirmation","MessageId":"id-1","TopicArn":"arn:aws:sns:us-east-1:123456789012:feedback",
            "Message":"confirm","SubscribeURL":"https://sns.us-east-1.amazonaws.com/","Token":"t","Timestamp":"2026-06-15T12:00:00.000Z"}
            """#
        try await call(.post, "/webhooks/ses", by: "", message, type: "text/plain")
        try await api.store.write { tx in
            try tx.unmatchedEvents.insert(messageID: "m-9", kind: "Bounce", source: "news@example.com", payload: "{}")
            try tx.unmatchedEvents.insert(messageID: nil, kind: "unreadable", source: nil, payload: "x", reason: "The message is no JSON.")
        }
        try await call(.get, "/events/unmatched?limit=1")
        for path in ["/healthz", "/readyz", "/openapi.json", "/docs", "/docs.md", "/llms.txt"] { try await call(.get, path, by: "") }
        try await call(.get, "/metrics", by: APIHarness.metrics)
    }

    func deletions() async throws {
        try await call(.delete, "/templates/welcome", by: token, expecting: 204)
        try await call(.delete, "/domains/other.example", expecting: 204)
    }
}
