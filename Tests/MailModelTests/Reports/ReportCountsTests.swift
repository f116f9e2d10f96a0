import MailModel
import Testing

struct ReportCountsTests {
    @Test func `measures are named as in answers`() {
        #expect(
            ReportMeasure.allCases.map(\.name) == [
                "accepted", "sent", "delivered", "opened", "opens", "clicked", "clicks", "softBounced", "hardBounced", "complained",
                "unsubscribed", "rejected", "blocked", "blacklisted", "automatedOpens", "automatedClicks",
            ])
        // As many as the vector of the counts holds.
        #expect(ReportMeasure.allCases.count <= 16)
    }

    @Test func `rates are shares of what was sent or delivered`() {
        var counts = ReportCounts()
        for (measure, count) in [
            (.sent, 200), (.delivered, 190), (.opened, 95), (.opens, 500), (.clicked, 19), (.hardBounced, 6), (.softBounced, 4),
            (.complained, 1), (.unsubscribed, 2),
        ] as [(ReportMeasure, Int64)] {
            counts[measure] = count
        }
        #expect(ReportRate.allCases.map { $0.of(counts).percent } == [95, 50, 10, 3, 2, 0.5, 1.05])
        #expect(ReportRate.allCases.allSatisfy { $0.of(ReportCounts()).percent == 0 })
        #expect((counts + counts)[.opens] == 1000)
        #expect(ReportCounts().isEmpty && !counts.isEmpty)
    }

    @Test(
        arguments: [
            (0, 0), (899_999, 0), (900_000, 1), (-1, -1), (-900_000, -1), (-900_001, -2),
        ] as [(Int64, Int64)])
    func `quarters of an hour`(milliseconds: Int64, quarter: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).quarterHour.number == quarter)
        let start = QuarterHour.beginning(atOrAfter: Timestamp(milliseconds: milliseconds))
        #expect(start.number == (milliseconds % 900_000 == 0 ? quarter : quarter + 1))
    }
}
