extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-31T23:59:59.123Z`.
    package var description: String {
        let date = day.civil
        let time = milliseconds - day.start.milliseconds
        return date.year.padded(to: 4) + "-" + date.month.padded(to: 2) + "-" + date.day.padded(to: 2)
            + "T" + (time / 3_600_000).padded(to: 2) + ":" + (time / 60_000 % 60).padded(to: 2)
            + ":" + (time / 1000 % 60).padded(to: 2) + "." + (time % 1000).padded(to: 3) + "Z"
    }

    /// Reads an RFC 3339 date-time: `2026-01-31T23:59:59Z`, with optional fraction and with `Z` or `±hh:mm`.
    ///
    /// A space may stand for the `T`, and a space before the offset or `+0000` without a colon is accepted too, as in SES's older samples
    /// (`2018-10-08T14:05:45 +0000`). Fractions finer than a millisecond are cut off. `nil` for anything else, and for dates that do not exist.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"), let day = reader.number(2),
            reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 61,
            let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        let date = CalendarDay(year: year, month: month, day: day)
        guard date.civil == (year, month, day) else { return nil }
        // A leap second counts as the last second of its minute, as Unix time has none.
        let time = ((hour * 60 + minute) * 60 + min(second, 59)) * 1000 + fraction
        self.init(milliseconds: date.start.milliseconds + time - offset * 60_000)
    }
}

/// Reads fixed-width decimal fields from ASCII text.
private struct DigitReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        rest = Array(text.utf8)[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number(_ width: Int) -> Int64? {
        guard rest.count >= width, let value = Int64(decimal: rest.prefix(width)) else { return nil }
        rest = rest.dropFirst(width)
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Milliseconds of an optional `.ddd…`; 0 without one, `nil` for a point with no digit behind it.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(digits.count)
        guard !digits.isEmpty else { return nil }
        let firstThree = Array(digits.prefix(3)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - digits.count))
        return Int64(decimal: firstThree)
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
        _ = skip(" ")
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(2) else { return nil }
        _ = skip(":")
        guard let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
