/// What a domain sent on the last ``length`` days on which it was counted, the present one apart.
package struct DailyHistory: Sendable, Equatable {
    /// How many days back the average looks.
    package static let length: Int64 = 7

    package struct Entry: Sendable, Equatable {
        package var day: CalendarDay
        package var sent: Int64

        package init(day: CalendarDay, sent: Int64) {
            self.day = day
            self.sent = sent
        }
    }

    /// Oldest first, at most one entry a day.
    package private(set) var entries: [Entry] = []

    package init(entries: [Entry] = []) {
        for entry in entries { add(entry.sent, on: entry.day) }
    }

    /// Adds to a day's count; days older than the newest by ``length`` or more are dropped.
    package mutating func add(_ sent: Int64, on day: CalendarDay) {
        if let index = entries.firstIndex(where: { $0.day == day }) {
            entries[index].sent += sent
        } else {
            entries.append(Entry(day: day, sent: sent))
            entries.sort { $0.day < $1.day }
        }
        if let newest = entries.last?.day.number {
            entries.removeAll { $0.day.number <= newest - Self.length }
        }
    }

    /// Takes out a day and all later ones.
    ///
    /// - Returns: what they have counted.
    mutating func takeOut(from day: CalendarDay) -> Int64 {
        let taken = entries.filter { $0.day >= day }.reduce(0) { $0 + $1.sent }
        entries.removeAll { $0.day >= day }
        return taken
    }

    /// How much a day has counted.
    func sent(on day: CalendarDay) -> Int64 {
        entries.first { $0.day == day }?.sent ?? 0
    }

    /// Takes off a day's count, as much as there is.
    mutating func takeBack(_ sent: Int64, from day: CalendarDay) {
        guard let index = entries.firstIndex(where: { $0.day == day }) else { return }
        entries[index].sent = max(0, entries[index].sent - sent)
    }

    /// Emails per day over the ``length`` days before `day`, days of silence included; `nil` when nothing was sent on any of them.
    package func average(before day: CalendarDay) -> Double? {
        let recent = entries.filter { $0.day < day && $0.day.number >= day.number - Self.length }
        let total = recent.reduce(0) { $0 + $1.sent }
        guard total > 0, let first = recent.first else { return nil }
        return Double(total) / Double(day.number - first.day.number)
    }
}

/// Refuses a day that grows far beyond what the domain usually sends: a stolen password shows itself this way
/// (specification 3.2).
package enum SpikeDetector {
    /// A day up to this many emails is never a spike, however quiet the days before were.
    package static let floor: Int64 = 100

    /// The most emails `day` may see, or `nil` where there is nothing to judge by: the detector is off, or nothing was sent lately.
    package static func limit(on day: CalendarDay, history: DailyHistory, multiplier: Double) -> Int64? {
        guard multiplier > 0, let average = history.average(before: day) else { return nil }
        return max(floor, Int64(exactly: (average * multiplier).rounded(.up)) ?? .max)
    }
}
