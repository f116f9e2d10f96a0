import Foundation
import MailModel

/// A time zone of the IANA database, by which the hours, days and months of a report begin.
package struct ReportZone: Sendable, Equatable {
    /// The zone's name in the database's spelling, such as `America/New_York`.
    package let name: String
    private let zone: TimeZone

    /// The zone without an offset.
    package static let utc = ReportZone(name: "UTC", zone: .gmt)

    /// The zone of a name such as `America/New_York` or `UTC`, in the database's own spelling; `nil` for anything else.
    package init?(_ name: String) {
        if name == "UTC" {
            self = .utc
        } else {
            // The initialiser accepts offsets as well, such as `GMT+7`, which are no names of zones.
            guard !name.hasPrefix("GMT+"), !name.hasPrefix("GMT-"), let zone = TimeZone(identifier: name), zone.identifier == name else {
                return nil
            }
            self.init(name: name, zone: zone)
        }
    }

    private init(name: String, zone: TimeZone) {
        (self.name, self.zone) = (name, zone)
    }

    /// Returns the offset at the beginning of a quarter of an hour: in quarters of an hour east of UTC.
    func offset(at quarter: QuarterHour) -> Int64 {
        let seconds = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(quarter.number * QuarterHour.seconds)))
        return Int64(seconds).dividedDown(by: QuarterHour.seconds)
    }
}

/// A range of time in which the clocks of a zone are not changed.
struct ZoneSegment: Equatable {
    /// The range, in quarters of an hour since the epoch.
    var quarters: Range<Int64>
    /// The offset in it: quarters of an hour east of UTC.
    var offset: Int64

    /// Returns the steps that lie at least partly in it, counted in local time from the epoch.
    func steps(of width: Int64) -> ClosedRange<Int64> {
        (quarters.lowerBound + offset).dividedDown(by: width)...(quarters.upperBound - 1 + offset).dividedDown(by: width)
    }
}

extension ReportZone {
    /// Returns the segments of a range, in order.
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

    /// Returns one segment, or the two before and after a change of the clocks.
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
