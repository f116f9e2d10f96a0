import MailModel
import Testing

struct SpikeTests {
    private let today = CalendarDay(number: 20_000)

    private func history(_ entries: (daysAgo: Int64, sent: Int64)...) -> DailyHistory {
        DailyHistory(entries: entries.map { .init(day: CalendarDay(number: today.number - $0.daysAgo), sent: $0.sent) })
    }

    @Test func `Seven days are stored, older ones are dropped, one day is one entry`() {
        var history = DailyHistory()
        for number in (1...20 as ClosedRange<Int64>).reversed() { history.add(number, on: CalendarDay(number: number)) }
        #expect(history.entries.map(\.day.number) == Array(14...20))
        history.add(5, on: CalendarDay(number: 20))
        #expect(history.entries.last?.sent == 25)
        history.add(7, on: CalendarDay(number: 1))
        #expect(history.entries.count == 7)
        history.add(1, on: CalendarDay(number: 100))
        #expect(history.entries == [.init(day: CalendarDay(number: 100), sent: 1)])
    }

    @Test func `The average counts silent days from the first day on, and not the present one`() {
        #expect(history((1, 100)).average(before: today) == 100)
        #expect(history((4, 100), (1, 300)).average(before: today) == 100)
        #expect(history((7, 700)).average(before: today) == 100)
        #expect(history((8, 700)).average(before: today) == nil)
        #expect(history((0, 700)).average(before: today) == nil)
        #expect(history((2, 0), (1, 0)).average(before: today) == nil)
        #expect(history().average(before: today) == nil)
    }

    @Test(
        arguments: [(3.0, 1000, 3000), (1.5, 333, 500), (3, 10, 100), (0.5, 1000, 500), (0, 1000, nil), (-1, 1000, nil), (3, 0, nil)]
            as [(Double, Int64, Int64?)])
    func `The limit is a multiple of the average, never below the floor`(multiplier: Double, sent: Int64, limit: Int64?) {
        #expect(SpikeDetector.limit(on: today, history: history((1, sent)), multiplier: multiplier) == limit)
    }

    @Test(arguments: [1e300, .infinity, .greatestFiniteMagnitude])
    func `A multiplier beyond all bounds limits nothing`(multiplier: Double) {
        #expect(SpikeDetector.limit(on: today, history: history((1, 1000)), multiplier: multiplier) == .max)
    }

    @Test func `A multiplier that is no number is off`() {
        #expect(SpikeDetector.limit(on: today, history: history((1, 1000)), multiplier: .nan) == nil)
    }
}
