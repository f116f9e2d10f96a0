import MailModel
import Testing

struct RateTests {
    @Test(
        arguments: [
            (0, 0, 0.0), (5, 0, 0), (0, 10, 0), (1, 1, 100), (1, 3, 33.33), (2, 3, 66.67), (3, 100, 3), (1, 800, 0.13), (1, 20_000, 0.01),
            (1, 20_001, 0.0), (5, 4, 125),
        ] as [(Int64, Int64, Double)])
    func `Percent has two decimals, rounded half up`(count: Int64, total: Int64, percent: Double) {
        #expect(Rate(count, of: total).percent == percent)
    }

    @Test(
        arguments: [
            (3, 100, "3", false, true), (301, 10_000, "3", true, true), (299, 10_000, "3", false, false),
            (30_000_001, 1_000_000_000, "3", true, true),
            (1, 1, "3", true, true), (5, 100, "5", false, true), (1, 1000, "0.1", false, true), (25, 1000, "2.5", false, true),
            (1, 2000, "0.05", false, true),
            (1, 0, "0", false, false), (0, 0, "0", false, false), (0, 1, "0", false, true), (1, 3, "33.333333", true, true),
            (1, 3, "33.333334", false, false),
        ] as [(Int64, Int64, String, Bool, Bool)])
    func `Thresholds are compared exactly`(count: Int64, total: Int64, threshold: String, over: Bool, atLeast: Bool) throws {
        let percent = try #require(Percent(threshold))
        #expect((Rate(count, of: total) > percent) == over)
        #expect((Rate(count, of: total) >= percent) == atLeast)
    }

    @Test(
        arguments: [
            ("0", 0, "0"), ("3", 3_000_000, "3"), ("2.5", 2_500_000, "2.5"), ("0.05", 50_000, "0.05"), ("100", 100_000_000, "100"),
            ("100.000000", 100_000_000, "100"),
            ("0.000001", 1, "0.000001"), ("10", 10_000_000, "10"), ("007", 7_000_000, "7"),
        ] as [(String, Int64, String)])
    func `Percentages are read and written`(text: String, millionths: Int64, description: String) throws {
        let percent = try #require(Percent(text))
        #expect(percent.millionths == millionths)
        #expect(percent.description == description)
    }

    @Test(arguments: ["", ".", "3.", ".5", "-1", "+1", "100.1", "101", "1e1", "3 %", "3%", " 3", "0.0000001", "3.5.1", "3,5", "nan", "９"])
    func `Other text is no percentage`(text: String) {
        #expect(Percent(text) == nil)
    }
}
