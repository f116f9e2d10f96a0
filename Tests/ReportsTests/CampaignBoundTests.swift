import Feedback
import MailModel
import Reports
import TestSupport
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1)))
struct CampaignBoundTests {
    private let clock = TestClock()

    /// Emails of a domain, each of a campaign of its own, in one transaction.
    private func fill(_ store: Store, _ domain: SendingDomain, _ names: [String]) async throws {
        try await store.write { tx in
            for name in names {
                let email = Email(
                    id: EmailID(at: tx.now), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
                    sender: EmailAddress(validated: "news@\(domain.name)"), recipient: EmailAddress(validated: "r@example.org"),
                    status: .queued, externalID: name, clientID: nil, createdAt: tx.now, updatedAt: tx.now,
                    content: EmailContent(subject: "Hello", text: "Hello"))
                try tx.emails.insert(email, dueAt: nil)
            }
        }
    }

    private func names(_ count: Int, _ word: String = "c") -> [String] {
        (0..<count).map { "\(word)-\($0)" }
    }

    private func listed(_ store: Store, _ account: Int64) async throws -> Int {
        try await store.read { try $0.campaigns.list(of: account, after: nil, limit: 10_000) }.count
    }

    @Test(arguments: [[CampaignKey.mostPerDay + 3], [999, 1, 3], [600, 600]])
    func `a list takes so many campaigns a day, and counts all emails`(batches: [Int]) async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("one.example")
            for (number, size) in batches.enumerated() { try await fill(store, domain, names(size, "b\(number)")) }
            #expect(try await listed(store, domain.accountID) == CampaignKey.mostPerDay)
            let report = try await ReportService(store: store).emails(.all, of: domain.accountID, in: ReportRange(now: store.now), by: .day)
            #expect(report.totals[.accepted] == Int64(batches.reduce(0, +)))
        }
    }

    @Test func `what is on the list goes on, other accounts have lists of their own, and midnight makes room`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("one.example")
            let other = try await store.makeDomain("two.example", account: "other")
            try await fill(store, domain, names(CampaignKey.mostPerDay))
            try await fill(store, domain, ["late", "c-7"])
            try await fill(store, other, ["late"])
            let reports = ReportService(store: store)
            #expect(try await reports.campaign("c-7", of: domain.accountID)?.totals[.accepted] == 2)
            #expect(try await reports.campaign("late", of: domain.accountID) == nil)
            #expect(try await reports.campaign("late", of: other.accountID)?.totals[.accepted] == 1)
            // A process that knows nothing yet finds the same.
            let restarted = Store(store.database, clock: { clock.now })
            try await fill(restarted, domain, ["c-7", "later"])
            #expect(try await reports.campaign("c-7", of: domain.accountID)?.totals[.accepted] == 3)
            #expect(try await listed(store, domain.accountID) == CampaignKey.mostPerDay)
            clock.set(clock.now.day.next.start)
            try await fill(store, domain, ["late"])
            #expect(try await reports.campaign("late", of: domain.accountID)?.totals[.accepted] == 1)
        }
    }

    @Test func `events of an email that counts for no campaign count for none either`() async throws {
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("one.example")
            try await fill(store, domain, names(CampaignKey.mostPerDay))
            let email = try await store.makeEmail(of: domain) { $0.externalID = "late" }
            clock.set(clock.now.day.next.start)
            // The next day it is begun.
            _ = try await store.makeEmail(of: domain) { $0.externalID = "late" }
            let service = FeedbackService(store: store, guillotine: Guillotine(), logger: silent)
            try await service.ingest(event("Delivery", on: email, at: clock.now), receipt: nil)
            let reports = ReportService(store: store)
            let totals = try #require(try await reports.campaign("late", of: domain.accountID)).totals
            #expect(totals[.accepted] == 1)
            #expect(totals[.delivered] == 0)
            let all = try await reports.emails(.all, of: domain.accountID, in: ReportRange(now: store.now), by: .day)
            #expect(all.totals[.delivered] == 1)
        }
    }
}
