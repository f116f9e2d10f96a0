import MailModel
import Testing

@testable import Reports

struct ReportCalendarTests {
    private func steps(_ from: String, _ to: String, _ zone: String, _ interval: ReportInterval) throws -> [ReportCalendar.Step] {
        let zone = try #require(ReportZone(zone))
        let start = try #require(Timestamp(rfc3339: from))
        let end = try #require(Timestamp(rfc3339: to))
        return ReportCalendar(start.quarterHour.number..<end.quarterHour.number, in: zone, by: interval).steps
    }

    /// Days as long as the clocks make them: put forward, put back, by half an hour, and over midnight.
    private static let days: [(zone: String, date: String, hours: Double)] = [
        ("UTC", "2026-03-29", 24), ("Europe/Berlin", "2026-03-28", 24), ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25), ("America/New_York", "2026-03-08", 23), ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5), ("Australia/Lord_Howe", "2026-10-04", 23.5), ("Asia/Kathmandu", "2026-03-29", 24),
        ("America/Santiago", "2026-09-06", 23),
    ]

    @Test(arguments: days.indices) func `a day is as long as the clocks say`(index: Int) throws {
        let (zone, date, hours) = Self.days[index]
        let range = try ReportRange(from: date, to: date, zone: try #require(ReportZone(zone)), now: Timestamp(milliseconds: 0))
        #expect((range.end - range.start).milliseconds == Int64(hours * 3_600_000))
        let day = ReportCalendar(range.quarters, in: range.zone, by: .day)
        #expect(day.steps.map(\.local) == [date])
        #expect(day.steps.first?.start.start == range.start)
        let steps = ReportCalendar(range.quarters, in: range.zone, by: .hour).steps
        #expect(steps.count == Int(hours.rounded(.up)))
        #expect(Set(steps.map(\.start)).count == steps.count)
        #expect(Set(steps.map(\.local)).count == steps.count)
    }

    @Test func `an hour that comes twice is two`() throws {
        let steps = try steps("2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", "Europe/Berlin", .hour)
        #expect(steps.map(\.local) == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"])
        #expect(steps.map(\.start.start.description).first == "2026-10-25T00:00:00.000Z")
    }

    @Test func `hours of a zone that is quarters off`() throws {
        let steps = try steps("2026-06-15T10:00:00Z", "2026-06-15T11:30:00Z", "Asia/Kathmandu", .hour)
        #expect(steps.map(\.local) == ["2026-06-15T15:45+05:45", "2026-06-15T16:00+05:45", "2026-06-15T17:00+05:45"])
    }

    @Test func `an hour within which the clocks are put back is cut in two`() throws {
        let steps = try steps("2026-04-04T12:30:00Z", "2026-04-04T16:15:00Z", "Pacific/Chatham", .hour)
        #expect(
            steps.map(\.local) == [
                "2026-04-05T02:15+13:45", "2026-04-05T03:00+13:45", "2026-04-05T02:45+12:45", "2026-04-05T03:00+12:45",
                "2026-04-05T04:00+12:45",
            ])
    }

    @Test func `months end where they end there`() throws {
        let steps = try steps("2026-01-31T22:00:00Z", "2026-03-01T00:00:00Z", "Europe/Berlin", .month)
        #expect(steps.map(\.local) == ["2026-01", "2026-02", "2026-03"])
        #expect(
            steps.map(\.start.start.description) == [
                "2026-01-31T22:00:00.000Z", "2026-01-31T23:00:00.000Z", "2026-02-28T23:00:00.000Z",
            ])
    }

    /// Every quarter of a range belongs to the last step that begins at it or before.
    @Test(arguments: ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "Pacific/Chatham"])
    func `steps follow each other without a gap`(name: String) throws {
        let zone = try #require(ReportZone(name))
        let first = try #require(Timestamp(rfc3339: "2026-01-17T05:15:00Z")).quarterHour.number
        for start in stride(from: first, to: first + 280 * QuarterHour.perDay, by: 40 * Int(QuarterHour.perDay) + 7) {
            for interval in ReportInterval.allCases {
                let calendar = ReportCalendar(start..<start + 60 * QuarterHour.perDay, in: zone, by: interval)
                #expect(calendar.steps.first?.start.number == start)
                #expect(calendar.steps.map(\.start) == calendar.steps.map(\.start).sorted())
                for (index, segment) in calendar.segments.enumerated() {
                    for quarter in segment.quarters {
                        let number = (quarter + segment.offset).dividedDown(by: interval.width)
                        let found = try #require(calendar.index(of: number, segment: index))
                        let next = calendar.steps.dropFirst(found + 1).first?.start.number ?? .max
                        guard calendar.steps[found].start.number <= quarter, quarter < next else {
                            Issue.record("\(name) \(interval) \(quarter)")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: ["UTC", "Europe/Berlin", "US/Eastern", "Etc/GMT+7", "Asia/Kolkata"]) func `names of zones`(name: String) {
        #expect(ReportZone(name)?.name == name)
    }

    @Test(arguments: ["", "Berlin", "europe/berlin", "GMT+7", "GMT-0700", "+01:00", "../../etc/passwd", "Europe/Berlin ", "Nowhere/At_All"])
    func `no names of zones`(name: String) {
        #expect(ReportZone(name) == nil)
    }
}
