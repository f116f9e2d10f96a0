/// The emails that a domain sent on the last ``length`` days on which it was counted, without the present one.
package struct DailyHistory: Sendable, Equatable {
    /// How many days the average covers.
    package static let length: Int64 = 7

    /// The count of a day.
    package struct Entry: Sendable, Equatable {
        /// The day.
        package var day: CalendarDay
        /// Emails that were admitted on it.
        package var sent: Int64

        /// The count of a day.
        package init(day: CalendarDay, sent: Int64) {
            self.day = day
            self.sent = sent
        }
    }

    /// Oldest first, at most one entry a day.
    package private(set) var entries: [Entry] = []

    /// A history of these days, in any order.
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

    /// Removes a day and all later ones.
    ///
    /// - Returns: the sum of their counts.
    mutating func takeOut(from day: CalendarDay) -> Int64 {
        let taken = entries.filter { $0.day >= day }.reduce(0) { $0 + $1.sent }
        entries.removeAll { $0.day >= day }
        return taken
    }

    /// Returns the count of a day.
    package func sent(on day: CalendarDay) -> Int64 {
        entries.first { $0.day == day }?.sent ?? 0
    }

    /// Subtracts from the count of a day, to no less than 0.
    mutating func takeBack(_ sent: Int64, from day: CalendarDay) {
        guard let index = entries.firstIndex(where: { $0.day == day }) else { return }
        entries[index].sent = max(0, entries[index].sent - sent)
    }

    /// Returns the emails per day over the ``length`` days before a day, including those without any; `nil` when nothing was sent on all of them.
    package func average(before day: CalendarDay) -> Double? {
        let recent = entries.filter { $0.day < day && $0.day.number >= day.number - Self.length }
        let total = recent.reduce(0) { $0 + $1.sent }
        guard total > 0, let first = recent.first else { return nil }
        return Double(total) / Double(day.number - first.day.number)
    }
}

/// The detection of a day that grows far beyond what the domain usually sends, as with a stolen password (specification 3.2).
package enum SpikeDetector {
    /// The number of emails up to which a day is never a spike.
    package static let floor: Int64 = 100

    /// Returns the most emails that a day may have; `nil` where there is no limit: the detector is off, or nothing was sent lately.
    package static func limit(on day: CalendarDay, history: DailyHistory, multiplier: Double) -> Int64? {
        guard multiplier > 0, let average = history.average(before: day) else { return nil }
        return max(floor, Int64(exactly: (average * multiplier).rounded(.up)) ?? .max)
    }
}
