import Database
import Feedback
import MailModel
import TestSupport
import Testing

@testable import Storage

/// What SES reports of an email whose recipient was erased (specification 9.6).
@Suite(.timeLimit(.minutes(1)))
struct LateErasureTests {
    private static let jane = EmailAddress(validated: "jane.doe@home.example")

    private func erase(in store: Store) async throws {
        let job = try await store.write { try $0.jobs.insert(erasing: Self.jane, accountID: nil) }
        let lease = store.lease(of: .eraseRecipients)
        while let batch = try await store.read({ try $0.erasures.next(of: job.id) }) {
            _ = try await store.perform(batch)
            _ = try await lease.step { try $0.erasures.apply(batch) }
        }
        await lease.release()
    }

    /// The texts of all tables, in lower case.
    private func contents(of store: Store) async throws -> String {
        try await store.read { tx in
            var text = ""
            for table in try TableShape.all(in: tx.sql) {
                var pages = TablePages(table)
                while case let rows = try pages.next(in: tx.sql), !rows.isEmpty {
                    for case .text(let content) in rows.joined() { text += content + "\n" }
                }
            }
            return text.lowercased()
        }
    }

    /// Events, and the status after them; `nil` where it stays what it was.
    static let events: [(TestEvent, EmailStatus?)] = [
        (.bounce(of: ["r@example.com"]), .bouncedPermanent),
        (.bounce("Transient"), .bounced),
        (.complaint(), .complained),
        (.delivery, .delivered),
        (.click, .click),
        (TestEvent(type: "Novelty", object: #""to":"jane.doe@home.example""#), nil),
    ]

    @Test(arguments: events)
    func `no event brings the address of an erased recipient back`(event: TestEvent, status: EmailStatus?) async throws {
        try await withFeedback { service, store, domain in
            let email = try await store.makeEmail(of: domain, to: "\(Self.jane)", messageID: "m-1") { $0.status = .sent }
            try await erase(in: store)
            let before = try await store.status(of: email)
            let late = event.to("\(Self.jane)")
            try await service.ingest(late.bytes, receipt: "r-1")
            #expect(try await store.status(of: email) == status ?? before)
            #expect(try await !contents(of: store).contains("jane.doe"))
            #expect(
                try await store.isSuppressed("Jane.Doe@home.example", for: domain) == (status == .bouncedPermanent || status == .complained)
            )
        }
    }

    @Test func `a late bounce that comes again, or in the other shape, counts once`() async throws {
        try await withFeedback { service, store, domain in
            _ = try await store.makeEmail(of: domain, to: "\(Self.jane)", messageID: "m-1") { $0.status = .sent }
            try await erase(in: store)
            let bounce = TestEvent.bounce().to("\(Self.jane)")
            var other = bounce
            other.shape = "notificationType"
            for (event, receipt) in [(bounce, "r-1"), (bounce, "r-1"), (other, "r-2")] {
                try await service.ingest(event.bytes, receipt: receipt)
            }
            #expect(try await store.domain("example.com").counters.bounces == 1)
            let entries = try await store.read { try $0.suppressions.list(of: Self.jane, accountID: nil, limit: 10) }
            #expect(entries.map(\.entry.reason) == [.hardBounce] && entries.allSatisfy(\.entry.address.isErased))
            #expect(try await !contents(of: store).contains("jane.doe"))
        }
    }

    /// The address has an entry of its own then, and no second one under its hash.
    @Test func `an address that was mailed again after the erasure keeps its entry`() async throws {
        try await withFeedback { service, store, domain in
            _ = try await store.makeEmail(of: domain, to: "\(Self.jane)", messageID: "m-1") { $0.status = .sent }
            try await erase(in: store)
            _ = try await store.makeEmail(of: domain, to: "\(Self.jane)", messageID: "m-2") { $0.status = .sent }
            for message in ["m-2", "m-1"] {
                try await service.ingest(TestEvent.bounce().to("\(Self.jane)").about(message).bytes, receipt: message)
            }
            let entries = try await store.read { try $0.suppressions.list(of: Self.jane, accountID: nil, limit: 10) }
            #expect(entries.map(\.entry.address) == [Self.jane])
        }
    }
}
