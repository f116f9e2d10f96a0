import MailModel
import Testing

struct GiveBackTests {
    private static let noon = Timestamp(rfc3339: "2026-01-15T12:00:00Z") ?? Timestamp(milliseconds: 0)

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var countedAt = noon
        var isFrozen = false
        /// What happened between the count and now.
        var since: @Sendable (inout OutboundCounters) -> Void = { _ in }
        var today: Int64
        var month: Int64
    }

    static let cases = [
        Case(testDescription: "the same day", today: 9, month: 99),
        Case(testDescription: "the same day, billed since", isFrozen: true, today: 9, month: 100),
        Case(testDescription: "a day later", since: { _ = $0.roll(to: noon + .seconds(86_400)) }, today: 0, month: 99),
        Case(testDescription: "a month later", since: { _ = $0.roll(to: noon + .seconds(20 * 86_400)) }, today: 0, month: 0),
        Case(
            testDescription: "a day that was reset",
            since: {
                $0.startDay($0.day); $0.sentToday = 3
            }, today: 3, month: 99),
        Case(
            testDescription: "counted by a clock ahead", countedAt: noon + .seconds(60 * 86_400), today: 10, month: 100),
        Case(
            testDescription: "nothing is left",
            since: {
                $0.sentToday = 0; $0.sentThisMonth = 0
            }, today: 0, month: 0),
    ]

    @Test(arguments: cases) func openCountsAreReduced(_ one: Case) {
        var counters = OutboundCounters(at: Self.noon)
        counters.sentToday = 10
        counters.sentThisMonth = 100
        one.since(&counters)
        counters.giveBack(countedAt: one.countedAt, isFrozen: one.isFrozen)
        #expect(counters.sentToday == one.today)
        #expect(counters.sentThisMonth == one.month)
    }

    @Test func theHistoryIsReducedToo() {
        var counters = OutboundCounters(at: Self.noon)
        counters.sentToday = 10
        _ = counters.roll(to: Self.noon + .seconds(2 * 86_400))
        counters.giveBack(countedAt: Self.noon, isFrozen: false)
        #expect(counters.history.entries == [.init(day: Self.noon.day, sent: 9)])
        counters.giveBack(countedAt: Self.noon - .seconds(86_400), isFrozen: false)
        #expect(counters.history.entries == [.init(day: Self.noon.day, sent: 9)])
    }

    /// What the guillotine judges after a reactivation never has a count below nothing.
    @Test(arguments: [(99, 99), (100, 99), (40, 40)] as [(Int64, Int64)])
    func theWindowOfAReactivationStaysWithinTheMonth(before: Int64, after: Int64) {
        var counters = OutboundCounters(at: Self.noon)
        counters.sentThisMonth = 100
        counters.reactivation = .init(sent: before, bounces: 0)
        counters.giveBack(countedAt: Self.noon, isFrozen: false)
        #expect(counters.reactivation?.sent == after)
    }
}
