/// What a domain sent and what came back, each count with the period it belongs to.
///
/// A count is worth nothing outside its period: whoever looks calls ``roll(to:)`` first, so that a missed reset
/// never shows yesterday's count as today's (specification 3.5).
package struct OutboundCounters: Sendable, Equatable {
    package var day: CalendarDay
    package var sentToday: Int64 = 0
    /// What was sent on recent days, for ``SpikeDetector``.
    package var history = DailyHistory()

    package var month: CalendarMonth
    package var sentThisMonth: Int64 = 0
    /// Bounces of this period that count (specification 3.5), one per recipient.
    package var bounces: Int64 = 0
    package var complaints: Int64 = 0
    /// Those of ``bounces`` that came back from mail of a closed period: counted here, judged there.
    package var lateBounces: Int64 = 0
    /// When the period began; `nil` where no period has ended yet.
    package var periodStartedAt: Timestamp?
    /// The latest periods in which something was sent, oldest first: what comes back late is judged by them.
    package var closedPeriods: [ClosedPeriod] = []

    /// What the counts were when the domain was reactivated, where that was within this period: the guillotine looks only at what came after.
    package var reactivation: Reactivation?

    package struct Reactivation: Sendable, Equatable {
        package var sent: Int64
        /// Bounces of the period's own mail.
        package var bounces: Int64

        package init(sent: Int64, bounces: Int64) {
            self.sent = sent
            self.bounces = bounces
        }
    }

    /// The counters of a domain that begins at `time`.
    package init(at time: Timestamp) {
        day = time.day
        month = time.month
    }

    package var bounceRate: Rate { Rate(bounces, of: sentThisMonth) }
    package var complaintRate: Rate { Rate(complaints, of: sentThisMonth) }

    /// Bounces of mail that was counted in this period.
    var ownBounces: Int64 { bounces - lateBounces }

    /// How far ahead the counters' periods may lie: nodes read the same clock, but not at the same moment.
    package static let tolerance: Duration = .seconds(300)

    /// Brings the counters into the periods of `time`.
    ///
    /// A time that is earlier by no more than ``tolerance`` changes nothing: a clock that steps back a little does not reopen a period.
    /// Counters further ahead were rolled by a clock that was wrong. They come back: what was counted since, under whatever day and month,
    /// counts for the present ones, so that a limit of N has let no more than N through.
    ///
    /// - Returns: the month that ended, for the bill, when one did.
    package mutating func roll(to time: Timestamp) -> FrozenCounters? {
        if time.day > day { startDay(time.day) } else if isAhead(day.start, of: time) { comeBack(to: time.day) }
        if isAhead(month.start, of: time) {
            month = time.month
            reopenPeriods(endingAfter: time + Self.tolerance)
        }
        return time.month > month ? startMonth(time.month, at: time) : nil
    }

    private func isAhead(_ start: Timestamp, of time: Timestamp) -> Bool {
        start > time + Self.tolerance
    }

    /// Where a daily reset was called on the same day, what was counted before it counts again: it is not known apart.
    private mutating func comeBack(to present: CalendarDay) {
        sentToday += history.takeOut(from: present)
        day = present
    }

    /// Takes back a freeze that a clock ahead has made: its counts belong to the month that goes on.
    package mutating func undo(_ frozen: FrozenCounters) {
        sentThisMonth += frozen.sent
        bounces += frozen.bounces
        complaints += frozen.complaints
        guard let since = reactivation else { return }
        reactivation = Reactivation(sent: since.sent + frozen.sent, bounces: since.bounces + frozen.bounces)
    }

    /// Begins a day's count anew, also within the day: `POST /outbound/reset-daily`.
    package mutating func startDay(_ newDay: CalendarDay) {
        history.add(sentToday, on: day)
        sentToday = 0
        day = max(day, newDay)
    }

    /// Begins a period's count anew, also within the month: `POST /outbound/reset-monthly`.
    ///
    /// - Parameter time: the time of the reset. A month that ended by the calendar was over at its end, whenever the reset comes.
    /// - Returns: what was counted, for the bill.
    package mutating func startMonth(_ newMonth: CalendarMonth, at time: Timestamp) -> FrozenCounters {
        let frozen = FrozenCounters(month: month, sent: sentThisMonth, bounces: bounces, complaints: complaints)
        closePeriod(at: newMonth > month ? month.next.start : time, next: newMonth > month ? newMonth.start : time)
        month = max(month, newMonth)
        sentThisMonth = 0
        bounces = 0
        complaints = 0
        reactivation = nil
        return frozen
    }
}

/// The counts of a period as they stood at its end: what the customer is billed for.
package struct FrozenCounters: Sendable, Equatable {
    package var month: CalendarMonth
    package var sent: Int64
    package var bounces: Int64
    package var complaints: Int64

    package init(month: CalendarMonth, sent: Int64, bounces: Int64, complaints: Int64) {
        self.month = month
        self.sent = sent
        self.bounces = bounces
        self.complaints = complaints
    }

    package var bounceRate: Rate { Rate(bounces, of: sent) }
    package var complaintRate: Rate { Rate(complaints, of: sent) }

    /// Whether there is nothing to bill or to report.
    package var isEmpty: Bool { sent == 0 && bounces == 0 && complaints == 0 }
}
