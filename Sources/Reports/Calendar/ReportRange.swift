package import MailModel

/// The time that a report is about, in whole quarters of an hour.
package struct ReportRange: Sendable, Equatable {
    /// The most days of a range (specification 10.1).
    package static let mostDays: Int64 = 92
    /// How many days are reported when nobody says it, today included.
    static let usualDays: Int64 = 30

    package let start: Timestamp
    /// The first instant that does not belong to it.
    package let end: Timestamp
    package let zone: ReportZone

    /// Why a range is none.
    package enum Fault: Error, Equatable {
        case notATime(parameter: String)
        case endsBeforeItBegins
        /// More than ``mostDays`` days.
        case tooLong
    }

    /// Reads what a caller asks for. Without a beginning it is 30 days long, without an end it goes to the present, the quarter
    /// of an hour that runs included.
    ///
    /// - Parameters:
    ///   - from: a date, whose midnight in the zone is meant, or an RFC 3339 time.
    ///   - to: a date, which belongs to the range, or an RFC 3339 time, which does not.
    package init(from: String? = nil, to: String? = nil, zone: ReportZone = .utc, now: Timestamp) throws(Fault) {
        let end = try to.map { text throws(Fault) in try Self.end(text, zone) } ?? now.quarterHour.next
        let start: QuarterHour
        if let from {
            start = try Self.start(from, zone)
        } else {
            let today = zone.day(at: QuarterHour(number: end.number - 1))
            start = zone.start(of: CalendarDay(number: today.number - Self.usualDays + 1))
        }
        guard start < end else { throw .endsBeforeItBegins }
        // By the clocks of the zone: a quarter of a year has 92 days, also when they were changed in it.
        let length = end.number + zone.offset(at: end) - start.number - zone.offset(at: start)
        guard length <= Self.mostDays * QuarterHour.perDay else { throw .tooLong }
        (self.start, self.end, self.zone) = (start.start, end.start, zone)
    }

    var quarters: Range<Int64> { start.quarterHour.number..<end.quarterHour.number }

    private static func start(_ text: String, _ zone: ReportZone) throws(Fault) -> QuarterHour {
        if let day = CalendarDay(date: text) { return zone.start(of: day) }
        return try time(text, "from").quarterHour
    }

    private static func end(_ text: String, _ zone: ReportZone) throws(Fault) -> QuarterHour {
        if let day = CalendarDay(date: text) { return zone.start(of: day.next) }
        return QuarterHour.beginning(atOrAfter: try time(text, "to"))
    }

    private static func time(_ text: String, _ parameter: String) throws(Fault) -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else { throw .notATime(parameter: parameter) }
        return time
    }
}

extension ReportRange {
    /// From the first email of a campaign to the present, or as long as a range may be.
    package init(of campaign: Campaign, zone: ReportZone = .utc, now: Timestamp) {
        let first = zone.day(at: campaign.createdAt.quarterHour)
        let start = zone.start(of: first)
        let latest = zone.start(of: CalendarDay(number: first.number + Self.mostDays))
        (self.start, self.end, self.zone) = (start.start, min(now.quarterHour.next, latest).start, zone)
    }
}

extension ReportZone {
    /// The date there.
    func day(at quarter: QuarterHour) -> CalendarDay {
        CalendarDay(number: (quarter.number + offset(at: quarter)).dividedDown(by: QuarterHour.perDay))
    }

    /// When a date begins there: at midnight, or where the clocks are put forward over midnight, when they were.
    func start(of day: CalendarDay) -> QuarterHour {
        // Every offset lies within a day.
        let around = (day.number - 1) * QuarterHour.perDay..<(day.number + 2) * QuarterHour.perDay
        let start = segments(of: around).lazy.compactMap { segment -> Int64? in
            let first = max(segment.quarters.lowerBound, day.number * QuarterHour.perDay - segment.offset)
            return first < segment.quarters.upperBound ? first : nil
        }.first
        return QuarterHour(number: start ?? day.number * QuarterHour.perDay)
    }
}

extension CalendarDay {
    /// Reads `YYYY-MM-DD`; `nil` for anything else, and for dates that do not exist.
    init?(date text: String) {
        guard text.utf8.count == "2026-01-31".utf8.count, let midnight = Timestamp(rfc3339: text + "T00:00:00Z") else { return nil }
        self = midnight.day
    }
}
