/// A month in UTC, written `YYYY-MM`.
///
/// Monthly quotas and bills are counted per calendar month (specification 3.5).
package struct CalendarMonth: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// `year × 12 + (month − 1)`: consecutive months are consecutive numbers.
    package var number: Int64

    /// The month of this number.
    package init(number: Int64) {
        self.number = number
    }

    /// - Parameters:
    ///   - year: the Gregorian year, 1…9999.
    ///   - month: 1 for January … 12 for December.
    package init(year: Int64, month: Int64) {
        self.number = year * 12 + month - 1
    }

    /// Reads `YYYY-MM`; `nil` for anything else.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 7, bytes[4] == UInt8(ascii: "-"),
            let year = Int64(decimal: bytes[0..<4]), let month = Int64(decimal: bytes[5..<7]),
            year >= 1, (1...12).contains(month)
        else { return nil }
        self.init(year: year, month: month)
    }

    /// The Gregorian year.
    package var year: Int64 { number / 12 }
    /// 1 for January … 12 for December.
    package var month: Int64 { number % 12 + 1 }
    /// The month after.
    package var next: CalendarMonth { CalendarMonth(number: number + 1) }

    /// Midnight UTC at which the month begins.
    package var start: Timestamp {
        CalendarDay(year: year, month: month, day: 1).start
    }

    /// `YYYY-MM`.
    package var description: String {
        year.padded(to: 4) + "-" + month.padded(to: 2)
    }

    /// Whether a month is the earlier one.
    package static func < (lhs: CalendarMonth, rhs: CalendarMonth) -> Bool {
        lhs.number < rhs.number
    }
}

extension CalendarDay {
    /// The month that the day lies in.
    package var month: CalendarMonth {
        let date = civil
        return CalendarMonth(year: date.year, month: date.month)
    }
}

extension Int64 {
    /// The value of ASCII decimal digits, 18 at most; `nil` for none or another byte.
    init?(decimal digits: some Collection<UInt8>) {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        self = value
    }

    /// The decimal number, filled up with zeros on the left.
    func padded(to width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
