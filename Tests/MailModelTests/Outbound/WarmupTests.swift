import MailModel
import Testing

struct WarmupTests {
    private let start = CalendarDay(number: 20_000)

    @Test(
        arguments: [
            ("fast", 0, 500), ("fast", 1, 1000), ("fast", 9, 256_000), ("fast", 10, nil), ("fast", 1000, nil), ("fast", -5, 500),
            ("standard", 0, 200), ("standard", 1, 320), ("standard", 2, 512), ("standard", 3, 819), ("standard", 20, nil),
            ("conservative", 0, 50), ("conservative", 1, 70), ("conservative", 2, 98), ("conservative", 3, 137), ("conservative", 30, nil),
            ("none", 0, nil), ("none", 100, nil), ("none", -1, nil),
        ] as [(String, Int64, Int64?)])
    func `Allowances grow day by day until the profile ends`(name: String, elapsed: Int64, limit: Int64?) throws {
        let profile = try #require(WarmupProfile(name: name))
        #expect(profile.limit(on: CalendarDay(number: start.number + elapsed), startedOn: start) == limit)
    }

    @Test func `No day allows less than the day before`() {
        for profile in WarmupProfile.all {
            let limits = (0..<profile.days).compactMap { profile.limit(on: CalendarDay(number: start.number + $0), startedOn: start) }
            #expect(limits.count == Int(profile.days))
            #expect(zip(limits, limits.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func `Other names are unknown`() {
        #expect(WarmupProfile(name: "Fast") == nil)
        #expect(WarmupProfile(name: "") == nil)
        #expect(WarmupProfile.all.map(\.name) == ["none", "fast", "standard", "conservative"])
    }
}
