/// A quarter of an hour, counted from 1970-01-01T00:00:00Z: the finest unit of reports.
///
/// The offset of every time zone of today from UTC is a multiple of it.
package struct QuarterHour: Sendable, Hashable, Comparable {
    /// Quarters since the Unix epoch.
    package var number: Int64

    /// The quarter of this number.
    package init(number: Int64) {
        self.number = number
    }

    /// The seconds in a quarter.
    package static let seconds: Int64 = 900
    /// The quarters in an hour.
    package static let perHour: Int64 = 4
    /// The quarters in a day.
    package static let perDay: Int64 = 96

    /// When it begins.
    package var start: Timestamp {
        Timestamp(milliseconds: number * Self.seconds * 1000)
    }

    /// The quarter after.
    package var next: QuarterHour {
        QuarterHour(number: number + 1)
    }

    /// Returns the first quarter that begins at a time or later.
    package static func beginning(atOrAfter time: Timestamp) -> QuarterHour {
        time.quarterHour.start == time ? time.quarterHour : time.quarterHour.next
    }

    /// Whether a quarter is the earlier one.
    package static func < (lhs: QuarterHour, rhs: QuarterHour) -> Bool {
        lhs.number < rhs.number
    }
}

extension Timestamp {
    /// The quarter of an hour that this instant lies in.
    package var quarterHour: QuarterHour {
        QuarterHour(number: milliseconds.dividedDown(by: QuarterHour.seconds * 1000))
    }
}

extension Int64 {
    /// The quotient, rounded towards negative infinity.
    ///
    /// - Parameter divisor: above 0.
    package func dividedDown(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
