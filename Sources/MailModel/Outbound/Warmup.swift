/// The schedule by which a new domain's daily volume may grow (specification 3.2).
///
/// Mailbox providers distrust a domain that starts at full volume. The first day allows ``firstDay`` emails, each further day
/// ``growthPercent`` percent of the day before, until ``days`` have passed; then the profile no longer limits.
package struct WarmupProfile: Sendable, Equatable {
    /// The name in the API and in the database.
    package var name: String
    /// Emails allowed on the first day.
    package var firstDay: Int64
    /// Each day's allowance in percent of the day before: 200 doubles it.
    package var growthPercent: Int64
    /// How many days the profile limits; 0 for no limit.
    package var days: Int64

    /// No warm-up.
    package static let none = WarmupProfile(name: "none", firstDay: 0, growthPercent: 0, days: 0)
    /// 500 emails on the first day, doubled each day, for 10 days.
    package static let fast = WarmupProfile(name: "fast", firstDay: 500, growthPercent: 200, days: 10)
    /// 200 emails on the first day, 60 % more each day, for 20 days.
    package static let standard = WarmupProfile(name: "standard", firstDay: 200, growthPercent: 160, days: 20)
    /// 50 emails on the first day, 40 % more each day, for 30 days.
    package static let conservative = WarmupProfile(name: "conservative", firstDay: 50, growthPercent: 140, days: 30)

    /// All profiles.
    package static let all: [WarmupProfile] = [none, fast, standard, conservative]

    /// The profile of a name; `nil` when there is none.
    package init?(name: String) {
        guard let profile = Self.all.first(where: { $0.name == name }) else { return nil }
        self = profile
    }

    private init(name: String, firstDay: Int64, growthPercent: Int64, days: Int64) {
        self.name = name
        self.firstDay = firstDay
        self.growthPercent = growthPercent
        self.days = days
    }

    /// Returns the emails allowed on a day; `nil` where the profile does not limit it.
    ///
    /// - Parameter start: the first day of the schedule.
    package func limit(on day: CalendarDay, startedOn start: CalendarDay) -> Int64? {
        let elapsed = max(0, day.number - start.number)
        guard elapsed < days else { return nil }
        return (0..<elapsed).reduce(firstDay) { allowance, _ in allowance * growthPercent / 100 }
    }
}
