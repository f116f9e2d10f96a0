import Feedback
import MailModel
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SoftBounceTests {
    private let clock = TestClock()

    /// Sends an email an hour, and ingests what became of each.
    private func suppression(
        after events: [TestEvent], limit: Int = 3, hours: Int64 = 1, order: [Int]? = nil
    ) async throws -> SuppressionReason? {
        try await withFeedback(rules: FeedbackRules(softBounceLimit: limit), clock: clock) { service, store, domain in
            for number in events.indices {
                _ = try await store.makeEmail(of: domain, messageID: "m-\(number)")
                clock.advance(by: .seconds(3600 * hours))
            }
            for number in order ?? Array(events.indices) {
                try await service.ingest(events[number].about("m-\(number)").bytes, receipt: nil)
            }
            return try await store.write {
                try $0.suppressions.find(EmailAddress(validated: "r@example.com"), sender: nil, accountID: domain.accountID)?.entry.reason
            }
        }
    }

    private static let soft = TestEvent.bounce("Transient", subType: "MailboxFull")

    @Test(
        arguments: [
            (["soft", "soft"], nil), (["soft", "soft", "soft"], .softBounce), (["delivery", "soft", "soft", "soft"], .softBounce),
            (["soft", "delivery", "soft", "soft"], nil), (["soft", "soft", "soft", "delivery"], nil),
            (["soft", "soft", "soft", "open"], nil),
            (["soft", "soft", "undetermined"], nil), (["soft", "soft", "large"], nil), (["soft", "soft", "soft", "hard"], .hardBounce),
            (["soft", "soft", "soft", "complaint"], .complaint), (["soft", "soft", "delay", "soft"], .softBounce),
        ] as [([String], SuppressionReason?)])
    func `so many in a row`(events: [String], reason: SuppressionReason?) async throws {
        let known: [String: TestEvent] = [
            "soft": Self.soft, "delivery": .delivery, "open": .open, "undetermined": .bounce("Undetermined"), "hard": .bounce(),
            "large": .bounce("Transient", subType: "MessageTooLarge"), "complaint": .complaint(), "delay": .delay,
        ]
        #expect(try await suppression(after: events.compactMap { known[$0] }) == reason)
        let reversed = Array(events.indices.reversed())
        #expect(try await suppression(after: events.compactMap { known[$0] }, order: reversed) == reason)
    }

    @Test func `only within thirty days, and only where it is set`() async throws {
        let three = Array(repeating: Self.soft, count: 3)
        #expect(try await suppression(after: three, hours: 240) == .softBounce)
        #expect(try await suppression(after: three, hours: 241) == nil)
        #expect(try await suppression(after: three, limit: 0) == nil)
        #expect(try await suppression(after: [Self.soft], limit: 1) == .softBounce)
    }
}
