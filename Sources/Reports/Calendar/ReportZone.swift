import Foundation
import MailModel

/// A time zone of the IANA database, by which hours, days and months of a report begin.
package struct ReportZone: Sendable, Equatable {
    package let name: String
    private let zone: TimeZone

    package static let utc = ReportZone(name: "UTC", zone: .gmt)

    /// - Parameter name: such as `America/New_York` or `UTC`, in the database's own spelling; `nil` for anything else.
    package init?(_ name: String) {
        if name == "UTC" {
            self = .utc
        } else {
            // The initialiser reads offsets as well, such as `GMT+7`: they are no names.
            guard !name.hasPrefix("GMT+"), !name.hasPrefix("GMT-"), let zone = TimeZone(identifier: name), zone.identifier == name else {
                return nil
            }
            self.init(name: name, zone: zone)
        }
    }

    private init(name: String, zone: TimeZone) {
        (self.name, self.zone) = (name, zone)
    }

    /// Quarters of an hour east of UTC at the beginning of a quarter.
    func offset(at quarter: QuarterHour) -> Int64 {
        let seconds = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(quarter.number * QuarterHour.seconds)))
        return Int64(seconds).dividedDown(by: QuarterHour.seconds)
    }
}
