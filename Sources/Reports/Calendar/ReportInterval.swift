import MailModel

/// How long the steps of a report's series are.
package enum ReportInterval: String, Sendable, CaseIterable {
    case hour, day, month

    /// Quarters of an hour in the steps that are read for it: a month is put together from days.
    var width: Int64 {
        self == .hour ? QuarterHour.perHour : QuarterHour.perDay
    }
}

/// A time in which the clocks of a zone were not changed.
struct ZoneSegment: Equatable {
    var quarters: Range<Int64>
    /// Quarters of an hour east of UTC.
    var offset: Int64

    /// The steps that lie in it, in part at least, counted in local time from the epoch.
    func steps(of width: Int64) -> ClosedRange<Int64> {
        (quarters.lowerBound + offset).dividedDown(by: width)...(quarters.upperBound - 1 + offset).dividedDown(by: width)
    }
}

extension ReportZone {
    /// The segments of a time, in order.
    func segments(of quarters: Range<Int64>) -> [ZoneSegment] {
        var segments: [ZoneSegment] = []
        var start = quarters.lowerBound
        while start < quarters.upperBound {
            // No zone changes its clocks twice within a day.
            let end = min(start + QuarterHour.perDay, quarters.upperBound)
            for piece in pieces(of: start..<end) {
                if let last = segments.last, last.offset == piece.offset {
                    segments[segments.count - 1].quarters = last.quarters.lowerBound..<piece.quarters.upperBound
                } else {
                    segments.append(piece)
                }
            }
            start = end
        }
        return segments
    }

    /// One segment, or the two before and after the clocks were changed.
    private func pieces(of quarters: Range<Int64>) -> [ZoneSegment] {
        let (first, last) = (offset(at: QuarterHour(number: quarters.lowerBound)), offset(at: QuarterHour(number: quarters.upperBound - 1)))
        guard first != last else { return [ZoneSegment(quarters: quarters, offset: first)] }
        let change = quarters.first { offset(at: QuarterHour(number: $0)) != first } ?? quarters.lowerBound
        return [
            ZoneSegment(quarters: quarters.lowerBound..<change, offset: first),
            ZoneSegment(quarters: change..<quarters.upperBound, offset: last),
        ]
    }
}
