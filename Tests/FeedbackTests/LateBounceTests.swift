import Feedback
import MailModel
import Storage
import TestSupport
import Testing

/// Bounces on the first days of a month, of mail that was sent in the month before.
@Suite(.timeLimit(.minutes(1)))
struct LateBounceTests {
    private static let lastDay = Timestamp(milliseconds: 1_782_820_800_000)  // 2026-06-30T12:00:00Z
    private static let firstDay = Timestamp(milliseconds: 1_782_871_200_000)  // 2026-07-01T02:00:00Z

    /// Runs a test with a domain that sent so much in June, and 10 emails in July, on July 1.
    private func withOldMonth(
        sent: Int64 = 100_000, _ body: (FeedbackService, Store, SendingDomain, TestClock) async throws -> Void
    ) async throws {
        let clock = TestClock(Self.lastDay)
        try await withFeedback(sent: sent, clock: clock) { service, store, domain in
            try await store.write { tx in
                var email = Self.email(of: domain, at: clock.now)
                email.recipient = EmailAddress(validated: "ours@x.example")
                try tx.emails.insert(email, dueAt: nil)
                try tx.sesMessages.insert("ours", of: email.id)
            }
            clock.set(Self.firstDay)
            try await store.write { tx in
                guard var domain = try tx.domains.find(domain.id) else { return }
                domain.counters.sentThisMonth = 10
                tx.domains.update(domain)
            }
            try await body(service, store, domain, clock)
        }
    }

    private static func email(of domain: SendingDomain, at time: Timestamp) -> Email {
        Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
            sender: EmailAddress(validated: "sender@\(domain.name)"), recipient: EmailAddress(validated: "r@x.example"), status: .sent,
            externalID: nil, clientID: nil, createdAt: time, updatedAt: time, content: EmailContent(subject: "s", text: "t"))
    }

    /// Takes in one event about so many recipients of mail that SES took at `sentAt`.
    private func bounce(_ service: FeedbackService, _ count: Int, sentAt: String?, receipt: String) async throws {
        let recipients = (0..<count).map { #"{"emailAddress":"\#(receipt)\#($0)@x.example"}"# }.joined(separator: ",")
        let timestamp = sentAt.map { #","timestamp":"\#($0)""# } ?? ""
        let text = """
            {"eventType":"Bounce","mail":{"messageId":"\(receipt)","source":"sender@example.com"\(timestamp)},
            "bounce":{"bounceType":"Permanent","bouncedRecipients":[\(recipients)]}}
            """
        try await service.ingest(Array(text.utf8), receipt: receipt)
    }

    @Test
    func `five bounces of a large old month do not suspend the first day's ten emails, five thousand do`() async throws {
        try await withOldMonth { service, store, _, _ in
            try await bounce(service, 5, sentAt: "2026-06-30T23:00:00Z", receipt: "a")
            let domain = try await store.domain("example.com")
            #expect(domain.outbound.status == .active)
            #expect(domain.counters.bounces == 5)
            for number in 0..<5 { try await bounce(service, 1000, sentAt: "2026-06-28T00:00:00Z", receipt: "b\(number)-") }
            let outbound = try await store.domain("example.com").outbound
            #expect(outbound.status == .suspended)
            #expect(outbound.suspendedReason?.contains("of 100000, sent before the reset of 2026-07-01T00:00:00.000Z") == true)
        }
    }

    @Test(arguments: ["2026-06-27T23:59:59Z", "2026-07-01T01:00:00Z", nil])
    func `all other mail is judged by the present month`(sentAt: String?) async throws {
        try await withOldMonth { service, store, _, _ in
            try await bounce(service, 5, sentAt: sentAt, receipt: "a")
            #expect(
                try await store.domain("example.com").outbound.suspendedReason == "guillotine: bounce rate 50.0 % is over 3 % (5 of 10)")
        }
    }

    @Test
    func `our own record says when an email of ours was sent`() async throws {
        try await withOldMonth { service, store, _, _ in
            let event = TestEvent.bounce(of: ["ours@x.example"]).about("ours").to("ours@x.example")
            try await service.ingest(event.bytes, receipt: "a")
            let domain = try await store.domain("example.com")
            #expect((domain.outbound.status, domain.counters.lateBounces) == (.active, 1))
        }
    }

    @Test
    func `mail from before a reset by hand is judged by what that froze`() async throws {
        try await withOldMonth(sent: 0) { service, store, _, clock in
            try await store.write { tx in
                guard var domain = try tx.domains.find(named: DomainName(validated: "example.com")) else { return }
                domain.counters.sentThisMonth = 1000
                tx.domains.update(domain)
            }
            // The first call reports June, the second ends what July has so far.
            for _ in 0..<3 {
                clock.advance(by: .seconds(1))
                _ = try await store.resetMonthly()
            }
            #expect(try await store.domain("example.com").counters.sentThisMonth == 0)
            try await bounce(service, 5, sentAt: "2026-07-01T01:59:00Z", receipt: "a")
            #expect(try await store.domain("example.com").outbound.status == .active)
            try await bounce(service, 50, sentAt: "2026-07-01T01:59:00Z", receipt: "b")
            #expect(try await store.domain("example.com").outbound.status == .suspended)
        }
    }

    @Test
    func `a domain that was deleted is judged like any other`() async throws {
        try await withOldMonth(sent: 20) { service, store, domain, _ in
            try await store.write { tx in
                guard var domain = try tx.domains.find(domain.id) else { return }
                domain.deletedAt = tx.now
                tx.domains.update(domain)
            }
            let event = TestEvent.bounce(of: ["ours@x.example"]).about("ours").to("ours@x.example")
            try await service.ingest(event.bytes, receipt: "a")
            let after = try #require(try await store.write { try $0.domains.find(domain.id) })
            #expect(after.outbound.suspendedReason?.hasPrefix("guillotine: bounce rate 5.0 % is over 3 % (1 of 20, sent before") == true)
        }
    }
}
