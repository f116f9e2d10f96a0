import Feedback
import MailModel
import Storage
import TestSupport
import Testing

@testable import Reports

/// The numbers of reports are those of the raw events, whatever happens, in whatever order.
@Suite(.timeLimit(.minutes(3)))
struct RandomHistoryTests {
    /// What SES can say, the entry that it becomes in the timeline, and what that counts: once for the email, and each time.
    private static let events: [(type: String, words: String, entry: String, once: [ReportMeasure], each: [ReportMeasure])] = [
        ("Send", "", "SENT", [.sent], []),
        ("Delivery", "", "DELIVERED", [.sent, .delivered], []),
        ("Open", "", "OPEN", [.sent, .delivered, .opened], [.opens]),
        ("Click", "", "CLICK", [.sent, .delivered, .clicked], [.clicks]),
        ("Open", #""isBotEvent":"Likely""#, "AUTOMATED_OPEN", [.sent, .delivered], [.automatedOpens]),
        ("Click", #""isBotEvent":"Likely""#, "AUTOMATED_CLICK", [.sent, .delivered], [.automatedClicks]),
        ("Bounce", #""bounceType":"Transient""#, "BOUNCED", [.sent, .softBounced], []),
        ("Bounce", #""bounceType":"Permanent""#, "BOUNCED_PERMANENT", [.sent, .hardBounced], []),
        ("Complaint", #""complaintFeedbackType":"abuse""#, "COMPLAINED", [.sent, .complained], []),
        ("DeliveryDelay", "", "DELIVERY_DELAY", [.sent], []),
        ("Reject", "", "NOT_SENT", [.rejected], []),
    ]

    /// What is counted of what, as the test saw it happen.
    private struct Ledger {
        var counts: [(quarter: Int64, email: Email, measure: ReportMeasure)] = []
        var seen: [EmailID: Set<ReportMeasure>] = [:]

        mutating func note(_ once: [ReportMeasure], _ each: [ReportMeasure], of email: Email, at: Timestamp) {
            for measure in once where seen[email.id, default: []].insert(measure).inserted {
                counts.append((at.quarterHour.number, email, measure))
            }
            for measure in each { counts.append((at.quarterHour.number, email, measure)) }
        }

        func sum(_ quarters: Range<Int64>, _ belongs: (Email) -> Bool) -> ReportCounts {
            counts.reduce(ReportCounts()) { sum, count in
                quarters.contains(count.quarter) && belongs(count.email) ? sum + ReportCounts(count.measure) : sum
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func `reports are the sums of the raw events`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        // Two days before a month's end, in a zone whose clocks are changed on the day before it.
        let clock = TestClock(Timestamp(milliseconds: 1_774_699_200_000))
        try await withStore(clock: clock) { store in
            var guillotine = Guillotine()
            guillotine.bouncePercent = Percent(100)
            let feedback = FeedbackService(store: store, guillotine: guillotine, logger: silent)
            let domains = [
                try await store.makeDomain("one.example", account: "one"), try await store.makeDomain("two.example", account: "one"),
                try await store.makeDomain("three.example", account: "three"),
            ]
            var (emails, ledger, receipts): ([Email], Ledger, [(String, [UInt8])]) = ([], Ledger(), [])
            for step in 0..<160 {
                clock.advance(by: .seconds(Int.random(in: 0...4000, using: &generator)))
                switch Int.random(in: 0..<20, using: &generator) {
                case 0..<5: emails.append(try await accept(of: domains, in: store, &ledger, &generator))
                case 5: _ = try await store.resetMonthly()
                case 6:
                    // SNS delivers again what it delivered before.
                    if let (receipt, event) = receipts.randomElement(using: &generator) {
                        try await feedback.ingest(event, receipt: receipt)
                    }
                default:
                    guard let email = emails.randomElement(using: &generator) else { continue }
                    let (type, words, _, once, each) = Self.events[Int.random(in: 0..<Self.events.count, using: &generator)]
                    let at = clock.now - .seconds(Int.random(in: -500...9000, using: &generator))
                    let sent = (receipt: "s-\(step)", event: event(type, words, on: email, at: at))
                    try await feedback.ingest(sent.event, receipt: sent.receipt)
                    receipts.append(sent)
                    ledger.note(once, each, of: email, at: max(email.createdAt, min(at, clock.now)))
                }
            }
            #expect(clock.now.month.number > domains[0].createdAt.month.number)
            try await compare(ledger, domains, in: store)
            try await compareTimelines(emails, in: store)
        }
    }

    private func accept(
        of domains: [SendingDomain], in store: Store, _ ledger: inout Ledger, _ generator: inout SeededGenerator
    ) async throws -> Email {
        let domain = domains.randomElement(using: &generator) ?? domains[0]
        let number = generator.next()
        let email = try await store.makeEmail(of: domain) { email in
            if number % 3 == 0 { email.externalID = "campaign-\(number % 2)" }
            if number % 5 < 3 { email.content.tags = number % 5 == 0 ? ["a"] : ["b", "a", "b"] }
            if number % 7 == 0 { email.domainID = nil }
            if number % 11 == 0 { email.status = .blacklisted }
            if number % 2 == 0 { email.sender = EmailAddress(validated: "shop@\(domain.name)") }
        }
        ledger.note(email.status == .blacklisted ? [.accepted, .blacklisted] : [.accepted], [], of: email, at: email.createdAt)
        return email
    }

    private func compare(_ ledger: Ledger, _ domains: [SendingDomain], in store: Store) async throws {
        let reports = ReportService(store: store)
        let subjects: [(ReportSubject, @Sendable (Email) -> Bool)] = [
            (.all, { _ in true }), (.campaign("campaign-0"), { $0.externalID == "campaign-0" }),
            (.tag("a"), { $0.content.tags.contains("a") }),
            (.tag("b"), { $0.content.tags.contains("b") }), (.domain(domains[0].name), { $0.domainID == domains[0].id }),
            (.sender(EmailAddress(validated: "shop@one.example")), { $0.sender.description == "shop@one.example" }),
        ]
        for zone in [ReportZone.utc, ReportZone("Europe/Berlin") ?? .utc, ReportZone("Asia/Kathmandu") ?? .utc] {
            let range = try ReportRange(from: "2026-03-28", to: "2026-04-27", zone: zone, now: store.now)
            for (subject, belongs) in subjects {
                for accountID in [nil, domains[0].accountID, domains[2].accountID] as [Int64?] {
                    for interval in ReportInterval.allCases {
                        let report = try await reports.emails(subject, of: accountID, in: range, by: interval)
                        let starts = report.series.map(\.at.quarterHour.number) + [range.end.quarterHour.number]
                        for (point, next) in zip(report.series, starts.dropFirst()) {
                            let expected = ledger.sum(point.at.quarterHour.number..<next) {
                                belongs($0) && (accountID == nil || $0.accountID == accountID)
                            }
                            #expect(point.counts == expected, "\(subject) of \(accountID ?? 0) by \(interval) at \(point.local)")
                        }
                        #expect(report.totals == report.series.reduce(ReportCounts()) { $0 + $1.counts })
                    }
                }
            }
        }
        for campaign in try await reports.campaigns(of: nil, limit: 10) {
            let expected = ledger.sum(0..<Int64.max) { $0.externalID == campaign.externalID && $0.accountID == campaign.accountID }
            #expect(campaign.totals == expected)
        }
    }

    /// The same from the other side: what stands in the timelines, counted without reports' own rules where it counts each time.
    private func compareTimelines(_ emails: [Email], in store: Store) async throws {
        var sums = ReportCounts()
        for email in emails {
            let entries = try await store.read { try $0.timeline.list(of: email) }.map(\.status)
            sums[.accepted] += 1
            for (_, _, entry, once, each) in Self.events where entries.contains(entry) {
                _ = once
                for measure in each { sums[measure] += Int64(entries.count { $0 == entry }) }
            }
            for measure in ReportMeasure.allCases
            where Self.events.contains(where: { entries.contains($0.entry) && $0.once.contains(measure) }) {
                sums[measure] += 1
            }
            if entries.contains("BLACKLISTED") { sums[.blacklisted] += 1 }
        }
        let range = try ReportRange(from: "2026-03-28", to: "2026-04-27", now: store.now)
        let report = try await ReportService(store: store).emails(of: nil, in: range, by: .month)
        #expect(report.totals == sums)
        #expect(report.series.map(\.local) == ["2026-03", "2026-04"])
    }
}
