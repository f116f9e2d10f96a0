import MailModel
import Testing

struct OutboundCountersTests {
    private func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    private func counters(at text: String, today: Int64, month: Int64) throws -> OutboundCounters {
        var counters = OutboundCounters(at: try time(text))
        counters.sentToday = today
        counters.sentThisMonth = month
        counters.bounces = 4
        counters.complaints = 2
        counters.reactivation = .init(sent: 1, bounces: 1)
        return counters
    }

    @Test func `Within the day nothing changes`() throws {
        var counters = try counters(at: "2026-01-15T00:00:00Z", today: 10, month: 100)
        let before = counters
        #expect(counters.roll(to: try time("2026-01-15T23:59:59.999Z")) == nil)
        #expect(counters == before)
    }

    @Test func `A new day clears the day and keeps the month`() throws {
        var counters = try counters(at: "2026-01-15T12:00:00Z", today: 10, month: 100)
        #expect(counters.roll(to: try time("2026-01-16T00:00:00Z")) == nil)
        #expect(counters.sentToday == 0)
        #expect(counters.day == (try time("2026-01-16T00:00:00Z")).day)
        #expect((counters.sentThisMonth, counters.bounces, counters.complaints) == (100, 4, 2))
        #expect(counters.history.entries == [.init(day: try time("2026-01-15T00:00:00Z").day, sent: 10)])
        #expect(counters.reactivation != nil)
    }

    @Test(arguments: ["2026-02-01T00:00:00Z", "2026-02-28T10:00:00Z", "2027-01-15T12:00:00Z"])
    func `A new month freezes the old one, also when resets were missed`(text: String) throws {
        var counters = try counters(at: "2026-01-31T12:00:00Z", today: 10, month: 100)
        let frozen = counters.roll(to: try time(text))
        #expect(frozen == FrozenCounters(month: CalendarMonth(year: 2026, month: 1), sent: 100, bounces: 4, complaints: 2))
        #expect(frozen?.bounceRate.percent == 4)
        #expect(frozen?.complaintRate.percent == 2)
        #expect((counters.sentToday, counters.sentThisMonth, counters.bounces, counters.complaints) == (0, 0, 0, 0))
        #expect(counters.month == (try time(text)).month)
        #expect(counters.reactivation == nil)
        #expect(counters.roll(to: try time(text)) == nil)
    }

    @Test func `A clock that steps back reopens nothing`() throws {
        var counters = try counters(at: "2026-02-01T00:00:01Z", today: 10, month: 10)
        let before = counters
        #expect(counters.roll(to: try time("2026-01-31T23:59:59Z")) == nil)
        #expect(counters == before)
    }

    struct Ahead: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// When the counters were rolled, one after the other, each with one email; the last one is looked at.
        ///
        /// The first one has ten.
        var times: [String]
        var today: Int64
        var month: Int64
        var history: [Int64]
    }

    static let ahead = [
        Ahead(
            testDescription: "two months ahead", times: ["2026-01-15T12:00:00Z", "2026-03-16T12:00:00Z", "2026-01-15T12:01:00Z"], today: 11,
            month: 1, history: []),
        Ahead(
            testDescription: "days ahead, over a midnight there",
            times: ["2026-01-15T12:00:00Z", "2026-01-18T12:00:00Z", "2026-01-19T00:00:00Z", "2026-01-15T12:01:00Z"], today: 12, month: 12,
            history: []),
        Ahead(
            testDescription: "days ahead, seen days later",
            times: ["2026-01-15T12:00:00Z", "2026-01-25T12:00:00Z", "2026-01-17T12:00:00Z"], today: 1, month: 11, history: [10]),
        Ahead(
            testDescription: "a day ahead", times: ["2026-01-15T12:00:00Z", "2026-01-16T00:00:00Z", "2026-01-15T23:54:59.999Z"], today: 11,
            month: 11, history: []),
        Ahead(
            testDescription: "as far as nodes may be apart",
            times: ["2026-01-15T12:00:00Z", "2026-01-16T00:00:00Z", "2026-01-15T23:55:00Z"], today: 1, month: 11, history: [10]),
        Ahead(
            testDescription: "a month as far as nodes may be apart",
            times: ["2026-01-31T12:00:00Z", "2026-02-01T00:00:00Z", "2026-01-31T23:55:00Z"], today: 1, month: 1, history: [10]),
    ]

    @Test(arguments: ahead) func `Counts of a clock ahead count for the present`(_ one: Ahead) throws {
        var counters = OutboundCounters(at: try time(one.times[0]))
        for (number, text) in one.times.enumerated() {
            _ = counters.roll(to: try time(text))
            guard text != one.times.last else { break }
            counters.sentToday += number == 0 ? 10 : 1
            counters.sentThisMonth += number == 0 ? 10 : 1
        }
        #expect(counters.sentToday == one.today)
        #expect(counters.sentThisMonth == one.month)
        #expect(counters.history.entries.map(\.sent) == one.history)
        let before = counters
        #expect(counters.roll(to: try time(one.times.last ?? "")) == nil)
        #expect(counters == before)
    }

    @Test func `A freeze that a clock ahead has made is undone`() throws {
        var counters = try counters(at: "2026-01-15T12:00:00Z", today: 10, month: 100)
        let frozen = try #require(counters.roll(to: try time("2026-03-15T12:00:00Z")))
        counters.sentThisMonth = 5
        counters.bounces = 1
        counters.reactivation = .init(sent: 2, bounces: 0)
        #expect(counters.roll(to: try time("2026-01-15T12:00:00Z")) == nil)
        counters.undo(frozen)
        #expect((counters.sentThisMonth, counters.bounces, counters.complaints) == (105, 5, 2))
        #expect(counters.reactivation == .init(sent: 102, bounces: 4))
        #expect(counters.roll(to: try time("2026-02-01T00:00:00Z"))?.sent == 105)
    }

    @Test func `Resets within the period clear it and return its counts`() throws {
        var counters = try counters(at: "2026-01-15T12:00:00Z", today: 10, month: 100)
        counters.startDay(counters.day)
        counters.sentToday = 3
        counters.startDay(counters.day)
        #expect(counters.sentToday == 0)
        #expect(counters.history.entries.map(\.sent) == [13])
        let first = counters.startMonth(counters.month, at: try time("2026-01-15T13:00:00Z"))
        let second = counters.startMonth(counters.month, at: try time("2026-01-15T13:00:00Z"))
        #expect(first.sent == 100)
        #expect(second.sent == 0)
        #expect(first.month == second.month)
    }

    @Test(
        arguments: [
            // In the month's last three days, and before them.
            ("2026-01-29T00:00:00Z", nil, true), ("2026-01-28T23:59:59.999Z", nil, false),
            ("2026-01-31T23:59:59.999Z", nil, true), ("2026-02-01T00:00:00Z", nil, false), ("2026-02-01T00:00:05Z", nil, false),
            // Counted early, and handed over later: as scheduled mail is, and mail that waited over midnight.
            ("2026-01-05T00:00:00Z", "2026-01-30T00:00:00Z", true), ("2026-01-05T00:00:00Z", "2026-01-05T00:00:02Z", false),
            ("2026-01-31T23:59:59Z", "2026-02-01T00:10:00Z", true), (nil, nil, false),
        ] as [(String?, String?, Bool)])
    func `A bounce is late when its mail was counted in a closed period and sent in its last days`(
        counted: String?, sent: String?, isLate: Bool
    ) throws {
        var counters = try counters(at: "2026-01-15T12:00:00Z", today: 0, month: 100)
        _ = counters.roll(to: try time("2026-02-01T00:10:00Z"))
        let period = try counters.countBounces(3, countedAt: counted.map(time), sentAt: { try sent.map(time) })
        #expect((period != nil) == isLate)
        #expect(counters.bounces == 3)
        #expect(counters.lateBounces == (isLate ? 3 : 0))
        if let period { #expect((period.sent, period.bounces) == (100, 7)) }
        // The next month's bill has all that came in it.
        #expect(counters.roll(to: try time("2026-03-01T00:00:00Z"))?.bounces == 3)
        #expect(counters.lateBounces == 0)
    }

    @Test func `Of several resets within a month each has its mail, and an empty period has none`() throws {
        var counters = OutboundCounters(at: try time("2026-01-10T00:00:00Z"))
        func late(_ counted: String) throws -> ClosedPeriod? {
            var copy = counters
            return copy.countBounces(1, countedAt: try time(counted), sentAt: { nil })
        }
        counters.sentThisMonth = 100
        _ = counters.startMonth(counters.month, at: try time("2026-01-12T00:00:00Z"))
        _ = counters.startMonth(counters.month, at: try time("2026-01-12T00:00:01Z"))
        #expect(counters.closedPeriods.count == 1)
        counters.sentThisMonth = 50
        _ = counters.startMonth(counters.month, at: try time("2026-01-13T00:00:00Z"))
        #expect(try late("2026-01-11T00:00:00Z")?.sent == 100)
        #expect(try late("2026-01-12T12:00:00Z")?.sent == 50)
        #expect(try late("2026-01-13T00:00:00Z") == nil)
        for _ in 0..<20 {
            counters.sentThisMonth = 1
            _ = counters.startMonth(counters.month, at: try time("2026-01-14T00:00:00Z"))
        }
        #expect(counters.closedPeriods.count == 8)
        // What ended more than a month ago is left out.
        for month in ["2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"] {
            counters.sentThisMonth = 1
            _ = counters.roll(to: try time(month))
        }
        #expect(counters.closedPeriods.map(\.end) == [try time("2026-05-01T00:00:00Z")])
    }

    @Test func `Rates are of the period`() throws {
        let counters = try counters(at: "2026-01-15T12:00:00Z", today: 10, month: 100)
        #expect(counters.bounceRate == Rate(4, of: 100))
        #expect(counters.complaintRate == Rate(2, of: 100))
    }
}
