import Hummingbird
import HummingbirdTesting
import JSON
import MailModel
import Storage
import TestSupport
import Testing

/// Mutated requests are answered with a status below 500.
@Suite(.timeLimit(.minutes(1)))
struct MutationTests {
    private static let requests: [(HTTPRequest.Method, String, String)] = [
        (.post, "/domains", #"{"name": "new.example", "partner_ref": "acme"}"#),
        (.put, "/domains/example.com/outbound", #"{"outbound_daily_limit": 500, "outbound_tier": "shared", "spike_max_multiplier": 2.5}"#),
        (.post, "/domains/example.com/outbound/increment", #"{"count": 3}"#),
        (.get, "/domains?limit=10&after=5", ""), (.get, "/domains/example.com", ""), (.get, "/domains/example.com/dns-check", ""),
        (.get, "/metrics", ""), (.get, "/outbound/billing?period=2026-06&format=csv", ""),
        (.get, "/reports/emails?from=2026-06-01&to=2026-06-15&groupBy=hour&timezone=Europe/Madrid&domain=example.com", ""),
        (.get, "/reports/campaigns?limit=5&format=csv", ""), (.get, "/reports/campaigns/spring?userName=acme&to=2026-06-15T10:00:00Z", ""),
        (.post, "/senders", #"{"email": "ann@mail.example"}"#), (.delete, "/senders/ann@mail.example", ""),
        (.post, "/senders/ann@mail.example/approve", ""),
        (.post, "/subscriptions", #"{"email": "a@b.example", "list": "l", "from": "b@example.com", "language": "es", "text": "{{link}}"}"#),
        (.get, "/subscriptions?list=l&status=PENDING", ""), (.delete, "/subscriptions/0192f0c1-0000-7000-8000-000000000000", ""),
        (.post, "/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "a=b"),
        (.post, "/api-keys", #"{"partner_ref": "acme", "scopes": ["send"], "expires_at": "2027-01-01T00:00:00Z"}"#),
        (
            .put, "/api-keys/1",
            #"{"name": "Bob", "active": true, "domains": ["a.example"], "allowed_ips": ["10.0.0.0/8"], "rate_limit": 7}"#
        ),
        (.post, "/api-keys/1/rotate", #"{"overlap_seconds": 60}"#),
        (
            .post, "/emails?unsubscribeMsg=Bye",
            #"{"to": "a@example.org", "from": "b@example.com", "text": "<p>Hi</p>", "subject": "Ünï", "tags": ["x"], "headers": {"X-A": "b"}}"#
        ),
        (.post, "/templates", #"{"name": "t", "subject": "{{ a }}", "text": "\\{{b}} {{c}}", "html": "<p>{{a}}</p>", "userName": "acme"}"#),
        (.put, "/templates/t?userName=acme", #"{"subject": "{{a}}", "text": "{{b}}"}"#),
        (.get, "/templates?userName=acme&limit=5&after=a", ""),
        (.get, "/templates/t?userName=acme", ""), (.delete, "/templates/absent?userName=acme", ""),
        (
            .post, "/emails",
            #"{"to": "a@example.org", "from": "b@example.com", "template": "t", "variables": {"a": "x", "b": 1.5, "c": true}, "category": "marketing"}"#
        ),
        (
            .post, "/emails",
            #"{"to": "a@example.org", "from": "b@example.com", "subject": "{{a}}", "text": "<p>{{ b }}</p>", "variables": {"a": "x", "b": "<y>"}}"#
        ),
        (.delete, "/emails/0192f0c1-0000-7000-8000-000000000000", ""),
        (
            .post, "/emails",
            #"{"to": "a@example.org", "from": "b@example.com", "text": "Hi", "subject": "S", "sendAt": "2026-06-16T09:00:00+02:00"}"#
        ),
        (
            .post, "/emails/batch?unsubscribeMsg=Bye",
            #"{"emails": [{"to": "a@example.org", "from": "b@example.com", "text": "Hi", "subject": "S"}, {"to": "b@example.org"}]}"#
        ),
        (
            .post, "/emails",
            #"{"to": "a@example.org", "cc": ["c@example.org"], "bcc": "d@example.org, e@example.org", "from": "b@example.com", "text": "Hi", "subject": "S", "attachments": [{"filename": "a.pdf", "content": "Zm9v", "contentType": "application/pdf", "contentId": "i"}]}"#
        ),
        (.get, "/emails?status=QUEUED&since=2026-01-01T00:00:00Z&to=a@example.org", ""),
        (.get, "/emails/0192f0c1-0000-7000-8000-000000000000", ""), (.get, "/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""),
        (
            .post, "/webhooks/ses",
            #"{"Type":"Notification","MessageId":"i","TopicArn":"arn:aws:sns:us-east-1:123456789012:f","Message":"{}"}"#
        ),
    ]

    @Test func mutations() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("example.com")
            _ = try await api.token()
            var generator = SeededGenerator(seed: 42)
            for round in 0..<6000 {
                var (method, uri, body) = Self.requests[round % Self.requests.count]
                if Bool.random(using: &generator) {
                    uri = mutate(uri, keeping: 1, using: &generator)
                } else {
                    body = mutate(body, using: &generator)
                }
                if generator.next() % 8 == 0 { method = [.get, .post, .put, .delete, .patch][Int(generator.next() % 5)] }
                let answer = try await api.send(method, uri, body: body.isEmpty ? nil : body, type: nil)
                #expect(answer.status < 500 || answer.status == 502, "\(method) \(uri) \(body): \(answer.text)")
            }
        }
    }

    /// Invalid UTF-8 is repaired, because the client takes a `String`.
    private func mutate(_ text: String, keeping kept: Int = 0, using generator: inout SeededGenerator) -> String {
        String(decoding: Array(text.utf8).mutated(times: 1...3, keeping: kept, using: &generator), as: UTF8.self)
    }
}
