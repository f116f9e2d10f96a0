import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

/// Emails with a `sendAt`: they wait, are sent at their time, and can be cancelled until then.
@Suite(.timeLimit(.minutes(1)))
struct ScheduleTests {
    private static let hour: Duration = .seconds(3600)
    private static let day: Duration = .seconds(86_400)
    private let clock = TestClock()

    private func withDomain(
        configure: @escaping @Sendable (inout SendingDomain) -> Void = { _ in },
        _ body: (Submission, Store, SendingDomain) async throws -> Void
    ) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example", configure: configure)
            try await body(Submission(store: store, gate: Gate()), store, domain)
        }
    }

    private func request(at time: Timestamp?, to: String = "reader@example.org") -> EmailRequest {
        var request = EmailRequest(to: to, from: "news@shop.example", text: "t", subject: "s")
        request.sendAt = time?.description
        return request
    }

    private func claim(_ store: Store) async throws -> [Email] {
        try await store.write { try TestClaim(grace: .seconds(120)).run(in: $0) }
    }

    private func timeline(_ id: EmailID, _ store: Store) async throws -> [TimelineEntry] {
        try await store.read { tx in try tx.emails.find(id).map { try tx.timeline.list(of: $0) } ?? [] }
    }

    @Test func `a scheduled email waits for its time and is counted at once`() async throws {
        try await withDomain { submission, store, domain async throws in
            let time = clock.now + Self.hour
            let email = try await submission.accept(request(at: time), by: .master).email
            #expect(email.status == .scheduled && email.content.sendAt == time)
            #expect(try await store.read { try $0.emails.find(email.id) } == email)
            #expect(try await store.read { try $0.domains.find(named: domain.name) }?.counters.sentToday == 1)
            #expect(try await store.read { try $0.queue.nextDue() } == time)
            clock.set(time - .milliseconds(1))
            #expect(try await claim(store).isEmpty)
            clock.set(time)
            #expect(try await claim(store).map(\.id) == [email.id])
            #expect(try await timeline(email.id, store).map(\.status) == ["SCHEDULED", "DEQUEUED"])
        }
    }

    @Test(arguments: ["2026-06-15T12:00:00Z", "2026-06-15T13:59:59+02:00", "1999-01-01T00:00:00-08:00"])
    func `a time in the past means at once`(text: String) async throws {
        try await withDomain { submission, store, _ async throws in
            var request = request(at: nil)
            request.sendAt = text
            let acceptance = try await submission.accept(request, by: .master)
            #expect(acceptance.email.status == .queued && acceptance.email.content.sendAt == nil)
            #expect(acceptance.note?.hasPrefix("sendAt: ") == true)
            #expect(try await claim(store).count == 1)
        }
    }

    @Test(arguments: [
        "", "tomorrow", "2026-06-16", "2026-06-16T12:00:00", "2026-02-30T12:00:00Z", "1781524800", "2026-07-15T12:00:00.001Z",
        "9999-12-31T23:59:59Z",
    ])
    func `an invalid time is refused`(text: String) async throws {
        try await withDomain { submission, store, domain async throws in
            var request = request(at: nil)
            request.sendAt = text
            let error = await #expect(throws: Refusal.self) { try await submission.accept(request, by: .master) }
            #expect(error?.kind == .invalid && error?.field == "sendAt")
            #expect(try await store.read { try $0.domains.find(named: domain.name) } == domain)
        }
    }

    @Test func `a recipient suppressed in the meantime gets nothing`() async throws {
        try await withDomain { submission, store, domain async throws in
            let time = clock.now + Self.day
            let left = try await submission.accept(request(at: time), by: .master).email
            let other = try await submission.accept(request(at: time, to: "other@example.org"), by: .master).email
            try await store.write { tx in
                let entry = try SuppressionEntry(
                    address: EmailAddress("Reader@example.org"), sender: EmailAddress("news@shop.example"), reason: .unsubscribe)
                _ = try tx.suppressions.insert(entry, accountID: domain.accountID, source: .link)
            }
            clock.set(time)
            #expect(try await claim(store).map(\.id) == [other.id])
            #expect(try await store.read { try $0.emails.find(left.id) }?.status == .blacklisted)
            #expect(
                try await timeline(left.id, store).last?.explanation
                    == "The recipient is on a suppression list since the email was accepted.")
        }
    }

    @Test func `a recipient who left the list in the meantime gets nothing`() async throws {
        try await withDomain { submission, store, domain async throws in
            let subscription = Subscription(
                id: SubscriptionID(at: clock.now), accountID: domain.accountID, list: "news",
                address: try EmailAddress("reader@example.org"),
                sender: try EmailAddress("news@shop.example"), createdAt: clock.now, mailedAt: clock.now)
            try await store.write { tx in
                _ = try tx.subscriptions.insert(subscription, replacing: nil)
                try tx.subscriptions.confirm(subscription.id, .init(at: tx.now, ipAddress: "192.0.2.1", userAgent: nil))
            }
            var request = request(at: clock.now + Self.hour)
            request.list = "news"
            let email = try await submission.accept(request, by: .master).email
            #expect(email.status == .scheduled)
            try await store.write { try $0.subscriptions.delete(subscription.id) }
            clock.advance(by: Self.hour)
            #expect(try await claim(store).isEmpty)
            #expect(try await store.read { try $0.emails.find(email.id) }?.status == .blacklisted)
        }
    }

    @Test func `an email to a suppressed recipient is not scheduled`() async throws {
        try await withDomain { submission, store, domain async throws in
            try await store.write { tx in
                let entry = SuppressionEntry(address: try EmailAddress("reader@example.org"), reason: .manual)
                _ = try tx.suppressions.insert(entry, accountID: domain.accountID, source: .api)
            }
            let email = try await submission.accept(request(at: clock.now + Self.hour), by: .master).email
            #expect(email.status == .blacklisted)
            #expect(try await store.read { try $0.queue.nextDue() } == nil)
        }
    }

    /// The time for attempts begins at `sendAt`, which is also the date of the message.
    @Test func `the age of a scheduled email begins at its time`() async throws {
        try await withDomain { submission, _, _ async throws in
            let email = try await submission.accept(request(at: clock.now + Self.day), by: .master).email
            #expect(email.releaseAt == clock.now + Self.day)
            let composer = MessageComposer(links: UnsubscribeLinks(secret: [1], base: "http://127.0.0.1"), hasPublicURL: false)
            #expect(
                String(decoding: composer.compose(email, attachments: []), as: UTF8.self).contains("Date: Tue, 16 Jun 2026 12:00:00 +0000"))
        }
    }
}

/// Cancelling scheduled emails.
@Suite(.timeLimit(.minutes(1)))
struct CancellationTests {
    private static let day: Duration = .seconds(86_400)
    private let clock = TestClock()

    private func withScheduled(
        _ count: Int = 1, dailyLimit: Int64 = 0, _ body: (Submission, Store, SendingDomain, [EmailID]) async throws -> Void
    ) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example") { $0.outbound.dailyLimit = dailyLimit }
            let submission = Submission(store: store, gate: Gate())
            var ids: [EmailID] = []
            for _ in 0..<count { ids.append(try await accept(submission).id) }
            try await body(submission, store, domain, ids)
        }
    }

    private func accept(_ submission: Submission) async throws -> Email {
        var request = EmailRequest(to: "reader@example.org", from: "news@shop.example", text: "t", subject: "s")
        request.sendAt = (clock.now + Self.day).description
        return try await submission.accept(request, by: .master).email
    }

    private func counters(_ store: Store) async throws -> (today: Int64, month: Int64, account: Int64) {
        try await store.read { tx in
            let domain = try tx.domains.find(named: DomainName(validated: "shop.example"))
            let account = try domain.map { try tx.reputation.window(of: $0.accountID).counts.sent }
            return (domain?.counters.sentToday ?? -1, domain?.counters.sentThisMonth ?? -1, account ?? -1)
        }
    }

    @Test func `a cancelled email is not sent and not counted`() async throws {
        try await withScheduled(2) { submission, store, _, ids async throws in
            #expect(try await submission.cancel(ids[0], by: .master) == .cancelled)
            #expect(try await counters(store) == (1, 1, 1))
            // A second cancellation changes nothing.
            #expect(try await submission.cancel(ids[0], by: .master) == .cancelled)
            #expect(try await counters(store) == (1, 1, 1))
            let email = try #require(try await store.read { try $0.emails.find(ids[0]) })
            #expect(email.status == .cancelled)
            let timeline = try await store.read { try $0.timeline.list(of: email) }
            #expect(timeline.map(\.status) == ["SCHEDULED", "CANCELLED"] && timeline.last?.explanation == "Cancelled by master.")
            clock.advance(by: Self.day)
            let claimed = try await store.write { try TestClaim().run(in: $0) }
            #expect(claimed.map(\.id) == [ids[1]])
            #expect(try await submission.cancel(ids[1], by: .master) == .dequeued)
        }
    }

    @Test func `a cancellation frees its place within the limit`() async throws {
        try await withScheduled(3, dailyLimit: 3) { submission, _, _, ids async throws in
            await #expect(throws: Refusal.self) { try await accept(submission) }
            #expect(try await submission.cancel(ids[1], by: .master) == .cancelled)
            _ = try await accept(submission)
            await #expect(throws: Refusal.self) { try await accept(submission) }
        }
    }

    @Test func `a cancellation does not change a closed period`() async throws {
        try await withScheduled(2) { submission, store, _, ids async throws in
            clock.advance(by: .milliseconds(1))
            let frozen = try await store.resetMonthly().frozen
            #expect(frozen.map(\.counters.sent) == [2])
            #expect(try await submission.cancel(ids[0], by: .master) == .cancelled)
            #expect(try await counters(store) == (1, 0, 1))
            clock.advance(by: .milliseconds(1))
            let later = try await accept(submission)
            #expect(try await counters(store) == (2, 1, 2))
            #expect(try await submission.cancel(later.id, by: .master) == .cancelled)
            #expect(try await counters(store) == (1, 0, 1))
        }
    }

    @Test func `a cancellation on a later day changes the day of acceptance`() async throws {
        try await withScheduled(2) { submission, store, domain, ids async throws in
            clock.advance(by: .seconds(86_400 - 3600))
            #expect(try await submission.cancel(ids[0], by: .master) == .cancelled)
            #expect(try await counters(store) == (0, 1, 1))
            clock.advance(by: .seconds(30 * 86_400))
            #expect(try await store.read { try $0.reputation.window(of: domain.accountID) }.counts.sent == 0)
        }
    }

    @Test func `a sender without a domain counts for its account`() async throws {
        try await withScheduled(0) { submission, store, domain, _ async throws in
            try await TestSender("ann@mail.example", accountID: domain.accountID).insert(into: store)
            var request = EmailRequest(to: "reader@example.org", from: "ann@mail.example", text: "t", subject: "s")
            request.sendAt = (clock.now + Self.day).description
            let email = try await submission.accept(request, by: .master).email
            #expect(try await counters(store) == (0, 0, 1))
            #expect(try await submission.cancel(email.id, by: .master) == .cancelled)
            #expect(try await counters(store) == (0, 0, 0))
        }
    }

    @Test func `an unknown email or one of another account is not found`() async throws {
        try await withScheduled { submission, store, _, ids async throws in
            let other = try await store.write { try $0.accounts.findOrInsert(reference: "other") }
            let key = APIKey(id: 1, account: other, name: "x", scopes: [.send], expiresAt: nil, createdAt: clock.now)
            #expect(try await submission.cancel(ids[0], by: .client(key)) == nil)
            #expect(try await submission.cancel(EmailID(at: clock.now), by: .master) == nil)
            #expect(try await store.read { try $0.emails.find(ids[0]) }?.status == .scheduled)
        }
    }

    @Test func `an email is either claimed or cancelled`() async throws {
        try await withScheduled(60) { submission, store, _, ids async throws in
            clock.advance(by: Self.day)
            try await withThrowingTaskGroup(of: (claimed: [EmailID], cancelled: [EmailID]).self) { group in
                for id in ids {
                    group.addTask {
                        let isCancelled = try await submission.cancel(id, by: .master) == .cancelled
                        return (claimed: [], cancelled: isCancelled ? [id] : [])
                    }
                    group.addTask {
                        let claimed = try await store.write { try TestClaim(limit: 1).run(in: $0) }
                        return (claimed: claimed.map(\.id), cancelled: [])
                    }
                }
                let all = try await group.reduce(into: []) { $0 += $1.claimed + $1.cancelled }
                #expect(all.count == ids.count && Set(all) == Set(ids))
            }
        }
    }
}
