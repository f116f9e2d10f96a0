import MailModel
import Testing

@testable import Reports

struct ReportRangeTests {
    /// The time 2026-06-15T12:07:00Z.
    private static let now = Timestamp(milliseconds: 1_781_525_220_000)

    private static let ranges: [(from: String?, to: String?, zone: String, start: String, end: String)] = [
        ("2026-06-01", "2026-06-01", "UTC", "2026-06-01T00:00", "2026-06-02T00:00"),
        ("2026-07-01", "2026-09-30", "UTC", "2026-07-01T00:00", "2026-10-01T00:00"),
        ("2026-02-28", "2026-02-28", "America/New_York", "2026-02-28T05:00", "2026-03-01T05:00"),
        ("2024-02-29", "2024-02-29", "UTC", "2024-02-29T00:00", "2024-03-01T00:00"),
        // 92 days, one of which has 25 hours.
        ("2026-08-01", "2026-10-31", "Europe/Berlin", "2026-07-31T22:00", "2026-10-31T23:00"),
        ("2026-06-01T10:07:59Z", "2026-06-01T12:00:00+02:00", "UTC", "2026-06-01T10:00", "2026-06-01T10:00"),
        ("2026-06-01T10:07:59Z", "2026-06-01T10:08:00Z", "UTC", "2026-06-01T10:00", "2026-06-01T10:15"),
        (nil, nil, "UTC", "2026-05-17T00:00", "2026-06-15T12:15"),
        (nil, nil, "Asia/Kathmandu", "2026-05-16T18:15", "2026-06-15T12:15"),
        ("2026-06-15", nil, "UTC", "2026-06-15T00:00", "2026-06-15T12:15"),
        (nil, "2026-02-28", "UTC", "2026-01-30T00:00", "2026-03-01T00:00"),
        // The clocks are put forward over this midnight.
        ("2026-09-06", "2026-09-06", "America/Santiago", "2026-09-06T04:00", "2026-09-07T03:00"),
    ]

    @Test(arguments: ranges.indices.filter { ranges[$0].start != ranges[$0].end }) func `reads a range`(index: Int) throws {
        let (from, to, name, start, end) = Self.ranges[index]
        let zone = try #require(ReportZone(name))
        let range = try ReportRange(from: from, to: to, zone: zone, now: Self.now)
        #expect(range.start.description.hasPrefix(start))
        #expect(range.end.description.hasPrefix(end))
    }

    private static let faults: [(from: String?, to: String?, fault: ReportRange.Fault)] = [
        ("2026-06-01T10:15:00Z", "2026-06-01T12:15:00+02:00", .endsBeforeItBegins),
        ("2026-06-02", "2026-06-01", .endsBeforeItBegins),
        ("2026-07-01", "2026-10-01", .tooLong),
        ("2026-07-01T00:00:00Z", "2026-10-01T00:00:01Z", .tooLong),
        ("2020-01-01", nil, .tooLong),
        ("0001-01-01", "9999-12-31", .tooLong),
        ("2026-02-29", nil, .notATime(parameter: "from")),
        ("2026-6-1", nil, .notATime(parameter: "from")),
        ("yesterday", nil, .notATime(parameter: "from")),
        ("", nil, .notATime(parameter: "from")),
        ("2026-06-01", "2026-06-01T25:00:00Z", .notATime(parameter: "to")),
        ("2026-06-16", nil, .endsBeforeItBegins), ("2026-06-15T12:15:00Z", nil, .endsBeforeItBegins),
    ]

    @Test(arguments: faults.indices) func `says what is wrong`(index: Int) {
        let (from, to, fault) = Self.faults[index]
        #expect(throws: fault) { try ReportRange(from: from, to: to, now: Self.now) }
    }

    @Test(arguments: [(0, "2026-06-14T22:45"), (3, "2026-06-18T12:15"), (92, "2026-09-14T00:00"), (400, "2026-09-14T00:00")])
    func `a campaign is shown from its first day`(days: Int, end: String) {
        // 2026-06-14T22:30:00Z, past midnight in Berlin.
        let start = Timestamp(milliseconds: 1_781_476_200_000)
        let campaign = Campaign(id: 1, accountID: 1, userName: "acme", externalID: "spring", createdAt: start, totals: ReportCounts())
        let now = days == 0 ? start : Self.now + .seconds(days * 86_400 - 420)
        let range = ReportRange(of: campaign, zone: .utc, now: now)
        #expect(range.start.description.hasPrefix("2026-06-14T00:00"))
        #expect(range.end.description.hasPrefix(end))
        let berlin = ReportZone("Europe/Berlin") ?? .utc
        #expect(ReportRange(of: campaign, zone: berlin, now: now).start.description.hasPrefix("2026-06-14T22:00"))
    }
}
