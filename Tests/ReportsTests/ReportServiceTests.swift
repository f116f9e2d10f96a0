import Feedback
import MailModel
import Storage
import TestSupport
import Testing

@testable import Reports

@Suite(.timeLimit(.minutes(1)))
struct ReportServiceTests {
    @Test func `campaigns, newest first, page by page, of one account or of all`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domains = try await [
                store.makeDomain("one.example", account: "one"), store.makeDomain("two.example", account: "two"),
            ]
            for number in 0..<6 {
                _ = try await store.makeEmail(of: domains[number % 2]) { $0.externalID = "c-\(number / 2)" }
                clock.advance(by: .seconds(60))
            }
            _ = try await store.makeEmail(of: domains[0]) { $0.externalID = "c-0" }
            let reports = ReportService(store: store)
            let own = try await reports.campaigns(of: domains[0].accountID, limit: 2)
            #expect(own.map(\.externalID) == ["c-2", "c-1"])
            let rest = try await reports.campaigns(of: domains[0].accountID, after: own.last?.id, limit: 2)
            #expect(rest.map(\.externalID) == ["c-0"])
            #expect(rest.map { $0.totals[.accepted] } == [2])
            #expect(rest.map(\.userName) == ["one"])
            #expect(try await reports.campaigns(of: nil, limit: 10).count == 6)
            #expect(try await reports.campaign("c-0", of: domains[0].accountID)?.totals[.accepted] == 2)
            #expect(try await reports.campaign("c-0", of: domains[1].accountID)?.totals[.accepted] == 1)
            #expect(try await reports.campaign("c-9", of: domains[0].accountID) == nil)
        }
    }

    @Test func `a domain that was deleted and made again is one for the reports`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("one.example")
            _ = try await store.makeEmail(of: domain)
            try await store.write { tx in
                var deleted = domain
                deleted.deletedAt = tx.now
                tx.domains.update(deleted)
            }
            let again = try await store.makeDomain("one.example")
            _ = try await store.makeEmail(of: again)
            let range = try ReportRange(now: store.now)
            let report = try await ReportService(store: store).emails(.domain(domain.name), of: nil, in: range, by: .day)
            #expect(report.totals[.accepted] == 2)
            #expect(report.series.count == 30)
        }
    }

    @Test func `old counts are summed up by the day and lose nothing`() async throws {
        let clock = TestClock()
        try await withStore(clock: clock) { store in
            let domain = try await store.makeDomain("one.example")
            for _ in 0..<20 {
                _ = try await store.makeEmail(of: domain) { $0.externalID = "spring" }
                clock.advance(by: .seconds(7200))
            }
            let reports = ReportService(store: store)
            let zone = try #require(ReportZone("America/New_York"))
            let range = try ReportRange(from: "2026-06-15", to: "2026-06-17", zone: zone, now: clock.now)
            let before = try await reports.emails(.campaign("spring"), of: domain.accountID, in: range, by: .month)
            #expect(before.totals[.accepted] == 20)
            clock.advance(by: .seconds(401 * 86_400))
            _ = try await store.makeEmail(of: domain)
            let prune: @Sendable () async throws -> Int = {
                try await store.write { try $0.retention.delete(RetentionPeriods(), limit: 7) }
            }
            var steps = 0
            while try await prune() > 0 { steps += 1 }
            #expect(steps > 10)
            let after = try await reports.emails(.campaign("spring"), of: domain.accountID, in: range, by: .month)
            #expect(after.totals == before.totals)
            let days = try await reports.emails(of: nil, in: range, by: .day)
            #expect(days.series.filter { !$0.counts.isEmpty }.map(\.local) == ["2026-06-15", "2026-06-16", "2026-06-17"])
            #expect(days.series.map { $0.counts[.accepted] } == [6, 12, 2])
            #expect(try await reports.emails(of: nil, in: try ReportRange(now: clock.now), by: .hour).totals[.accepted] == 1)
        }
    }

    @Test func `a command that fails counts nothing`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("one.example")
            struct Failure: Error {}
            await #expect(throws: Failure.self) {
                try await store.write { tx in
                    let email = Email(
                        id: EmailID(at: tx.now), accountID: domain.accountID, userName: "acme", operatorName: "ops",
                        domainID: domain.id, sender: EmailAddress(validated: "a@one.example"),
                        recipient: EmailAddress(validated: "r@example.org"), status: .queued, externalID: "c", clientID: nil,
                        createdAt: tx.now, updatedAt: tx.now, content: EmailContent(subject: "", text: ""))
                    try tx.emails.insert(email, dueAt: nil)
                    throw Failure()
                }
            }
            let report = try await ReportService(store: store).emails(of: nil, in: try ReportRange(now: store.now), by: .hour)
            #expect(report.totals.isEmpty)
            #expect(try await ReportService(store: store).campaigns(of: nil, limit: 1).isEmpty)
        }
    }
}
