import MailModel

/// The length of the steps of a report's series, in the time zone of the report.
package enum ReportInterval: String, Sendable, CaseIterable {
    /// The unit of the calendar that a step is.
    case hour, day, month

    /// The width of the steps that are read from the counters, in quarters of an hour: a month is added up from days.
    var width: Int64 {
        self == .hour ? QuarterHour.perHour : QuarterHour.perDay
    }
}

/// The steps of a series: the hours, days or months of a time zone that a range touches, in order and without a gap.
///
/// A day on which the clocks are changed has 23 or 25 hours, and is one step.
struct ReportCalendar {
    /// A step of a series.
    struct Step: Equatable {
        /// When it begins; the first begins with the range.
        var start: QuarterHour
        /// Its name in the time zone: `2026-03-29T01:00+01:00`, `2026-03-29`, `2026-03`.
        var local: String
    }

    /// Which step a number of a segment belongs to.
    private struct Key: Hashable {
        /// For hours only: an hour comes twice when the clocks are put back.
        var segment: Int
        var number: Int64
    }

    let interval: ReportInterval
    let segments: [ZoneSegment]
    private(set) var steps: [Step] = []
    private var indexes: [Key: Int] = [:]

    init(_ quarters: Range<Int64>, in zone: ReportZone, by interval: ReportInterval) {
        self.interval = interval
        segments = zone.segments(of: quarters)
        for (index, segment) in segments.enumerated() {
            for number in segment.steps(of: interval.width) { add(number, of: segment, index) }
        }
    }

    private mutating func add(_ number: Int64, of segment: ZoneSegment, _ index: Int) {
        let key = key(number, segment: index)
        guard indexes[key] == nil else { return }
        indexes[key] = steps.count
        let start = max(segment.quarters.lowerBound, number * interval.width - segment.offset)
        steps.append(Step(start: QuarterHour(number: start), local: local(number, of: segment, from: start)))
    }

    private func key(_ number: Int64, segment: Int) -> Key {
        switch interval {
        case .hour: Key(segment: segment, number: number)
        case .day: Key(segment: 0, number: number)
        case .month: Key(segment: 0, number: CalendarDay(number: number).month.number)
        }
    }

    private func local(_ number: Int64, of segment: ZoneSegment, from start: Int64) -> String {
        switch interval {
        case .hour:
            let time = QuarterHour(number: start + segment.offset).start.description
            return String(time.prefix("2026-03-29T01:00".count)) + Self.text(ofOffset: segment.offset)
        case .day: return String(CalendarDay(number: number).start.description.prefix("2026-03-29".count))
        case .month: return CalendarDay(number: number).month.description
        }
    }

    private static func text(ofOffset offset: Int64) -> String {
        let minutes = abs(offset) * QuarterHour.seconds / 60
        func twoDigits(_ value: Int64) -> String { (value < 10 ? "0" : "") + String(value) }
        return (offset < 0 ? "-" : "+") + twoDigits(minutes / 60) + ":" + twoDigits(minutes % 60)
    }

    /// Returns the index of the step that counts of a segment belong to.
    ///
    /// - Parameter number: the number of the hour or day, counted in local time from the epoch.
    func index(of number: Int64, segment: Int) -> Int? {
        indexes[key(number, segment: segment)]
    }
}
