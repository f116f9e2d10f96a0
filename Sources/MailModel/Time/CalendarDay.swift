/// A day in UTC, counted from 1970-01-01 (day 0).
///
/// Daily quotas are counted per calendar day (specification 3.5).
package struct CalendarDay: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01.
    package var number: Int64

    /// The day of this number.
    package init(number: Int64) {
        self.number = number
    }

    /// Whether a day is the earlier one.
    package static func < (lhs: CalendarDay, rhs: CalendarDay) -> Bool {
        lhs.number < rhs.number
    }

    /// Midnight UTC at which the day begins.
    package var start: Timestamp {
        Timestamp(milliseconds: number * Timestamp.millisecondsPerDay)
    }

    /// The day after.
    package var next: CalendarDay {
        CalendarDay(number: number + 1)
    }

    /// Year, month (1–12) and day of month (1–31) in the proleptic Gregorian calendar.
    ///
    /// The algorithm is Howard Hinnant's `civil_from_days`: years are taken to begin in March, so that the leap day is the last.
    package var civil: (year: Int64, month: Int64, day: Int64) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The day of a Gregorian date (`days_from_civil`).
    ///
    /// The parts are not checked: see ``Timestamp/init(rfc3339:)``.
    package init(year: Int64, month: Int64, day: Int64) {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.number = era * 146_097 + dayOfEra - 719_468
    }
}

extension CalendarDay {
    /// Reads `YYYY-MM-DD`; `nil` for anything else, and for dates that do not exist.
    package init?(date text: String) {
        guard text.utf8.count == "2026-01-31".utf8.count, let midnight = Timestamp(rfc3339: text + "T00:00:00Z") else { return nil }
        self = midnight.day
    }

    /// The day as `YYYY-MM-DD`.
    package var date: String { String(start.description.prefix(10)) }
}

extension Timestamp {
    /// The length of a day in UTC, which has no leap seconds here.
    package static let millisecondsPerDay: Int64 = 86_400_000

    /// The UTC day this instant lies in.
    package var day: CalendarDay {
        let quotient = milliseconds / Self.millisecondsPerDay
        return CalendarDay(number: milliseconds % Self.millisecondsPerDay < 0 ? quotient - 1 : quotient)
    }

    /// The UTC month this instant lies in.
    package var month: CalendarMonth {
        day.month
    }
}
