package import MailModel

/// The range of time that a report is about, in whole quarters of an hour.
package struct ReportRange: Sendable, Equatable {
    /// The largest number of days in a range (specification 10.1).
    package static let mostDays: Int64 = 92
    /// The number of days in a range without a beginning, its last day included.
    static let usualDays: Int64 = 30

    /// When it begins.
    package let start: Timestamp
    /// When it ends: the first instant that does not belong to it.
    package let end: Timestamp
    /// The time zone by which its days and months begin.
    package let zone: ReportZone

    /// Why a range is refused.
    package enum Fault: Error, Equatable {
        /// The parameter is neither a date nor an RFC 3339 time.
        case notATime(parameter: String)
        /// Its end is not after its beginning.
        case endsBeforeItBegins
        /// More than ``mostDays`` days.
        case tooLong
    }

    /// Reads a range from the parameters of a request.
    ///
    /// Without a beginning it is 30 days long, without an end it goes to the present, the current quarter of an hour included.
    ///
    /// - Parameters:
    ///   - from: a date, whose midnight in the zone is meant, or an RFC 3339 time.
    ///   - to: a date, which belongs to the range, or an RFC 3339 time, which does not.
    ///   - zone: the time zone by which days begin.
    ///   - now: the present time.
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
        // By the clocks of the zone: a quarter of a year has 92 days, also when they are changed in it.
        let length = end.number + zone.offset(at: end) - start.number - zone.offset(at: start)
        guard length <= Self.mostDays * QuarterHour.perDay else { throw .tooLong }
        (self.start, self.end, self.zone) = (start.start, end.start, zone)
    }

    /// The range in quarters of an hour since the epoch.
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
    /// The range from the day of a campaign's first email to the present, at most ``mostDays`` long.
    package init(of campaign: Campaign, zone: ReportZone = .utc, now: Timestamp) {
        let first = zone.day(at: campaign.createdAt.quarterHour)
        let start = zone.start(of: first)
        let latest = zone.start(of: CalendarDay(number: first.number + Self.mostDays))
        (self.start, self.end, self.zone) = (start.start, min(now.quarterHour.next, latest).start, zone)
    }
}

extension ReportZone {
    /// Returns the date in the zone at the beginning of a quarter of an hour.
    func day(at quarter: QuarterHour) -> CalendarDay {
        CalendarDay(number: (quarter.number + offset(at: quarter)).dividedDown(by: QuarterHour.perDay))
    }

    /// Returns when a date begins in the zone: at midnight, or when the clocks are put forward over midnight.
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
