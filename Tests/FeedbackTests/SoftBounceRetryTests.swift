import Feedback
import MailModel
import Storage
import TestSupport
import Testing

/// Emails that are sent again after a soft bounce (`delivery.retrySoftBounces`, specification 6.3).
@Suite(.timeLimit(.minutes(1)))
struct SoftBounceRetryTests {
    private let clock = TestClock()
    private let soft = TestEvent.bounce("Transient", subType: "MailboxFull")

    private func withService(
        retries: Int = 2, _ body: (FeedbackService, Store, SendingDomain) async throws -> Void
    ) async throws {
        try await withFeedback(rules: FeedbackRules(softBounceRetries: retries), clock: clock, body)
    }

    /// Claims what is due, and records that the provider has taken it under this id.
    ///
    /// - Returns: whether something was due.
    private func send(_ email: Email, as messageID: String, in store: Store) async throws -> Bool {
        let claimed = try await store.write { try TestClaim().run(in: $0) }
        guard claimed.map(\.id) == [email.id] else { return false }
        try await store.write { try $0.queue.record(.sent(messageID: messageID), of: email.id, owner: "node") }
        return true
    }

    private func nextDue(in store: Store) async throws -> Timestamp? {
        try await store.read { try $0.queue.nextDue() }
    }

    @Test func `an email that bounced softly is sent again, as often as the rules say`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            for (number, delay) in [(1, 5.0), (2, 15.0)] {
                #expect(try await send(email, as: "m\(number)", in: store))
                try await service.ingest(soft.about("m\(number)").bytes, receipt: nil)
                let due = try #require(try await nextDue(in: store))
                #expect(abs(Double((due - clock.now).milliseconds) / 1000 - delay) <= delay / 5)
                #expect(try await store.status(of: email) == .bounced)
                clock.advance(by: .seconds(20))
            }
            #expect(try await send(email, as: "m3", in: store))
            try await service.ingest(soft.about("m3").bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
            let timeline = try await store.timeline(of: email)
            let words = timeline.map(\.status)
            #expect(words.count { $0 == "BOUNCED" } == 3 && words.count { $0 == "SENT" } == 3 && words.count { $0 == "DEQUEUED" } == 3)
            #expect(timeline.compactMap(\.explanation).count { $0.hasPrefix("It is sent again after the soft bounce: retry ") } == 2)
            #expect(try await store.read { try $0.emails.find(email.id)?.attempts } == 3)
        }
    }

    @Test func `an email that was delivered by a retry is delivered`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await send(email, as: "m1", in: store)
            try await service.ingest(soft.about("m1").bytes, receipt: nil)
            clock.advance(by: .seconds(20))
            #expect(try await send(email, as: "m2", in: store))
            try await service.ingest(TestEvent.delivery.about("m2").bytes, receipt: nil)
            #expect(try await store.status(of: email) == .delivered)
            #expect(try await nextDue(in: store) == nil)
        }
    }

    /// What must not lead to a message beside one that was delivered, or that may be.
    @Test func `no delivered email is doubled`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await send(email, as: "m1", in: store)
            // Two reports of one bounce, and what SES reported before it: one retry.
            for event in [soft, soft, .send, .delay] { try await service.ingest(event.about("m1").bytes, receipt: nil) }
            #expect(try await store.timeline(of: email).count { $0.status == "QUEUED" } == 2)
            #expect(try await nextDue(in: store) != nil)
            // The delivery of the first message comes late: the retry is off.
            try await service.ingest(TestEvent.delivery.about("m1").bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
            // A bounce behind a delivery changes nothing.
            try await service.ingest(soft.about("m9", id: email.id).bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
            #expect(try await store.status(of: email) == .delivered)
        }
    }

    @Test func `a second report of an earlier bounce does not send beside the retry that is on its way`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await send(email, as: "m1", in: store)
            try await service.ingest(soft.about("m1").bytes, receipt: nil)
            clock.advance(by: .seconds(20))
            #expect(try await send(email, as: "m2", in: store))
            try await service.ingest(soft.about("m1").bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
        }
    }

    @Test func `after an attempt with an unknown outcome there is no retry`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await store.write { try TestClaim().run(in: $0) }
            let now = clock.now
            try await store.write {
                try $0.queue.record(.unknown(until: now + .seconds(5), explanation: "broken"), of: email.id, owner: "node")
            }
            clock.advance(by: .seconds(10))
            #expect(try await send(email, as: "m2", in: store))
            // The message of the first attempt was sent after all, and came back; that of the second may be delivered.
            try await service.ingest(soft.about("m1", id: email.id).bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
        }
    }

    @Test(arguments: [
        (0, TestEvent.bounce("Transient", subType: "MailboxFull")), (2, .bounce("Transient", subType: "MessageTooLarge")),
        (2, .bounce("Undetermined")), (2, .bounce()), (2, .complaint()), (2, .delivery),
    ])
    func `what is not tried again`(retries: Int, event: TestEvent) async throws {
        try await withService(retries: retries) { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await send(email, as: "m1", in: store)
            try await service.ingest(event.about("m1").bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
        }
    }

    @Test func `an email that is too old is not tried again`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await send(email, as: "m1", in: store)
            clock.advance(by: .seconds(24 * 3600))
            try await service.ingest(soft.about("m1").bytes, receipt: nil)
            #expect(try await nextDue(in: store) == nil)
        }
    }

    /// The bounce comes before the node has recorded the id of the message: it waits, and is applied with the record.
    @Test func `a bounce that waited for its email`() async throws {
        try await withService { service, store, domain in
            let email = try await store.makeEmail(of: domain)
            _ = try await store.write { try TestClaim().run(in: $0) }
            try await service.ingest(soft.about("m1").bytes, receipt: nil)
            #expect(try await store.status(of: email) == .dequeued)
            try await store.write { try $0.queue.record(.sent(messageID: "m1"), of: email.id, owner: "node") }
            #expect(try await store.status(of: email) == .bounced)
            #expect(try await nextDue(in: store) != nil)
        }
    }
}
