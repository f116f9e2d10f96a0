import MailModel
import Testing

struct CalendarTests {
    @Test(
        arguments: [
            (0, 1970, 1, 1), (-1, 1969, 12, 31), (365, 1971, 1, 1), (789, 1972, 2, 29), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1),
            (-25_509, 1900, 2, 28), (-25_508, 1900, 3, 1), (-719_162, 1, 1, 1), (19_782, 2024, 2, 29), (47_540, 2100, 2, 28),
            (47_541, 2100, 3, 1),
            (-719_468, 0, 3, 1), (-719_469, 0, 2, 29), (-865_566, -400, 2, 29),
        ] as [(Int64, Int64, Int64, Int64)])
    func `Days and Gregorian dates agree, in leap years and before 1970`(number: Int64, year: Int64, month: Int64, day: Int64) {
        #expect(CalendarDay(number: number).civil == (year, month, day))
        #expect(CalendarDay(year: year, month: month, day: day).number == number)
    }

    @Test func `Four centuries of days follow each other without a gap`() {
        var previous = CalendarDay(year: 1899, month: 12, day: 31)
        var leapDays = 0
        while previous.civil.year < 2300 {
            let date = previous.next.civil
            let follows =
                date.day == 1
                ? (date.month == previous.civil.month % 12 + 1)
                : date == (previous.civil.year, previous.civil.month, previous.civil.day + 1)
            if !follows || CalendarDay(year: date.year, month: date.month, day: date.day) != previous.next { Issue.record("\(date)") }
            if date.month == 2, date.day == 29 { leapDays += 1 }
            previous = previous.next
        }
        #expect(leapDays == 97)
    }

    @Test(arguments: [(0, 0), (86_399_999, 0), (86_400_000, 1), (-1, -1), (-86_400_000, -1), (-86_400_001, -2)] as [(Int64, Int64)])
    func `A time lies in its UTC day`(milliseconds: Int64, day: Int64) {
        let time = Timestamp(milliseconds: milliseconds)
        #expect(time.day == CalendarDay(number: day))
        #expect(time.day.start <= time)
        #expect(time < time.day.next.start)
    }

    @Test(arguments: [("2026-01", 2026, 1), ("2026-12", 2026, 12), ("0001-01", 1, 1), ("9999-12", 9999, 12)] as [(String, Int64, Int64)])
    func `Months are read and written`(text: String, year: Int64, month: Int64) throws {
        let value = try #require(CalendarMonth(text))
        #expect(value == CalendarMonth(year: year, month: month))
        #expect((value.year, value.month) == (year, month))
        #expect(value.description == text)
    }

    @Test(arguments: [
        "", "2026", "2026-1", "2026-00", "2026-13", "0000-01", "2026/01", "2026-01-01", "26-01", "2026-0x", "２026-1", "-026-01",
    ])
    func `Other text is no month`(text: String) {
        #expect(CalendarMonth(text) == nil)
    }

    @Test func `December is followed by January of the next year`() {
        let december = CalendarMonth(year: 2025, month: 12)
        #expect(december.next == CalendarMonth(year: 2026, month: 1))
        #expect(december < december.next)
        #expect(december.next.start == Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
        #expect((december.next.start - .milliseconds(1)).month == december)
        #expect(december.next.start.month == december.next)
    }
}
