import MailModel
import TestSupport
import Testing

@testable import Storage

/// Addresses of recipients by their beginning, in whatever state the segments are.
@Suite(.timeLimit(.minutes(1)))
struct AddressSearchTests {
    private static let sizes = SegmentSizes(emails: 8, late: 3, merged: 3, rowsPerStep: 16)
    private static let recipients = [
        "Ann@example.org", "ann.miller@example.org", "anna@example.net", "bob@example.org", "newsletter-a@example.org",
        "newsletter-b@example.org", "ann%x@example.org",
    ]

    /// What is typed, and what is found, in no order.
    private static let cases: [(text: String, found: Set<String>)] = [
        ("ann", ["Ann@example.org", "ann.miller@example.org", "anna@example.net", "ann%x@example.org"]), ("ANN@", ["Ann@example.org"]),
        ("anna@example.n", ["anna@example.net"]), ("newsletter-b", ["newsletter-b@example.org"]), ("ann%", ["ann%x@example.org"]),
        ("ann_", []), ("zo", []), ("bob@example.org", ["bob@example.org"]),
    ]

    private func insert(_ store: Store, _ domain: SendingDomain, at time: Timestamp) async throws {
        var random = SeededGenerator(seed: UInt64(time.milliseconds))
        let emails = Self.recipients.map { recipient in
            var email = Email.test(of: domain, at: time)
            email.id = EmailID(at: time, using: &random)
            email.recipient = EmailAddress(validated: recipient)
            return email
        }
        try await store.write { tx in
            for email in emails { try tx.emails.insert(email, dueAt: nil) }
        }
    }

    private func check(_ store: Store, of account: Int64?, _ state: String) async throws {
        for (text, expected) in Self.cases {
            let found = try await store.read { try $0.segments.recipients(beginningWith: text, of: account, limit: 10) }
            #expect(Set(found.map(\.description)) == expected && found.count == expected.count, "\(text), \(state)")
        }
    }

    @Test func `found behind the watermark, in segments and in merged ones`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("shop.example")
            let other = try await store.makeDomain("other.example", account: "other")
            let lease = store.lease(of: .searchSegments)
            for round in 0..<6 {
                try await insert(store, domain, at: clock.now)
                try await check(store, of: nil, "round \(round), behind the watermark")
                while try await lease.step({ try $0.segments.step(Self.sizes) }) == .worked {}
                try await check(store, of: domain.accountID, "round \(round), after the steps")
                clock.advance(by: .seconds(1))
            }
            let none = try await store.read { try $0.segments.recipients(beginningWith: "ann", of: other.accountID, limit: 10) }
            #expect(none.isEmpty)
            let few = try await store.read { try $0.segments.recipients(beginningWith: "ann", of: nil, limit: 2) }
            #expect(few.count == 2)
        }
    }
}
