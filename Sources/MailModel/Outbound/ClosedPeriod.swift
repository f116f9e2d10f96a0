/// A period whose counts were frozen by a monthly reset, stored to judge the bounces of its mail that come after the reset.
package struct ClosedPeriod: Sendable, Equatable {
    /// Bounces of mail that was sent at most this long before the reset are late bounces.
    ///
    /// All others count for the period in which they come.
    package static let lateWindow = Duration.seconds(3 * 86_400)

    /// The first moment of the period; `nil` where that is not known.
    package var start: Timestamp?
    /// The first moment after it.
    package var end: Timestamp
    /// Emails that were sent in it.
    package var sent: Int64
    /// Bounces of its mail, including those that came after its end.
    package var bounces: Int64
    /// What the counts were when the domain was last reactivated, within the period or after it.
    package var reactivation: OutboundCounters.Reactivation?

    /// A period with these values.
    package init(start: Timestamp?, end: Timestamp, sent: Int64, bounces: Int64, reactivation: OutboundCounters.Reactivation? = nil) {
        self.start = start
        self.end = end
        self.sent = sent
        self.bounces = bounces
        self.reactivation = reactivation
    }

    fileprivate func contains(_ time: Timestamp) -> Bool {
        time < end && start.map { $0 <= time } ?? true
    }
}

extension OutboundCounters {
    /// How many closed periods are stored, and for how long: SES gives up on a message long before.
    private static let mostClosedPeriods = 8
    private static let longestKept = Duration.seconds(31 * 86_400)

    /// Counts bounces for the rate of the present period, and finds the period by which the guillotine judges them.
    ///
    /// - Parameters:
    ///   - countedAt: when the gate counted the email; `nil` where that is not known: it counts as one of the present period.
    ///   - sentAt: when it was handed over, where that is known; asked for only where it decides.
    /// - Returns: the closed period with its bounces; `nil` for the present one.
    package mutating func countBounces(
        _ count: Int64, countedAt: Timestamp?, sentAt: () throws -> Timestamp?
    ) rethrows -> ClosedPeriod? {
        bounces += count
        guard let countedAt, let index = closedPeriods.firstIndex(where: { $0.contains(countedAt) }) else { return nil }
        let first = closedPeriods[index].end - ClosedPeriod.lateWindow
        guard try countedAt >= first || sentAt() ?? countedAt >= first else { return nil }
        lateBounces += count
        closedPeriods[index].bounces += count
        return closedPeriods[index]
    }

    /// Begins a new window for the guillotine: neither earlier bounces nor late ones of earlier mail count against the domain.
    mutating func startWindow() {
        reactivation = Reactivation(sent: sentThisMonth, bounces: ownBounces)
        for index in closedPeriods.indices {
            closedPeriods[index].reactivation = Reactivation(sent: closedPeriods[index].sent, bounces: closedPeriods[index].bounces)
        }
    }

    /// Stores the counts of the period that ends.
    ///
    /// One in which nothing was sent goes on, as no mail of it can bounce.
    ///
    /// - Parameter next: when the next period begins.
    mutating func closePeriod(at end: Timestamp, next: Timestamp) {
        if sentThisMonth > 0 {
            closedPeriods.append(
                ClosedPeriod(start: periodStartedAt, end: end, sent: sentThisMonth, bounces: ownBounces, reactivation: reactivation))
            periodStartedAt = next
        }
        closedPeriods = closedPeriods.suffix(Self.mostClosedPeriods).filter { $0.end > end - Self.longestKept }
        lateBounces = 0
    }

    /// Reopens the periods that a clock ahead has closed: see ``undo(_:)`` for their counts.
    mutating func reopenPeriods(endingAfter time: Timestamp) {
        guard let first = closedPeriods.first(where: { $0.end > time }) else { return }
        periodStartedAt = first.start
        closedPeriods.removeAll { $0.end > time }
    }
}
