/// A quarter of an hour, counted from 1970-01-01T00:00:00Z: the finest that reports know. Every time zone of today is whole quarters off UTC.
package struct QuarterHour: Sendable, Hashable, Comparable {
    /// Quarters since the Unix epoch.
    package var number: Int64

    package init(number: Int64) {
        self.number = number
    }

    package static let seconds: Int64 = 900
    package static let perHour: Int64 = 4
    package static let perDay: Int64 = 96

    package var start: Timestamp {
        Timestamp(milliseconds: number * Self.seconds * 1000)
    }

    package var next: QuarterHour {
        QuarterHour(number: number + 1)
    }

    /// The first that begins at `time` or later.
    package static func beginning(atOrAfter time: Timestamp) -> QuarterHour {
        time.quarterHour.start == time ? time.quarterHour : time.quarterHour.next
    }

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
