/// The counters of a domain: what it sent and what came back, each with the period that it belongs to.
///
/// A count holds only in its period: every reader calls ``roll(to:)`` first, so that a missed reset never shows yesterday's count as today's
/// (specification 3.5).
package struct OutboundCounters: Sendable, Equatable {
    /// The day that ``sentToday`` belongs to.
    package var day: CalendarDay
    /// Emails that were admitted on ``day``.
    package var sentToday: Int64 = 0
    /// What was sent on recent days, for ``SpikeDetector``.
    package var history = DailyHistory()

    /// The month that the counts of the period belong to.
    package var month: CalendarMonth
    /// Emails that were admitted in the period.
    package var sentThisMonth: Int64 = 0
    /// Bounces that came in this period and count (specification 4.4), one per recipient.
    package var bounces: Int64 = 0
    /// Complaints of this period that count, one per recipient.
    package var complaints: Int64 = 0
    /// The part of ``bounces`` that is of mail of a closed period: counted in this one, judged by that one.
    package var lateBounces: Int64 = 0
    /// When the period began; `nil` where no period has ended yet.
    package var periodStartedAt: Timestamp?
    /// The latest periods in which something was sent, oldest first: late bounces are judged by them.
    package var closedPeriods: [ClosedPeriod] = []

    /// The counts at the reactivation of the domain, if it was within this period: the guillotine judges only what came after.
    package var reactivation: Reactivation?

    /// The counts of a period at a reactivation.
    package struct Reactivation: Sendable, Equatable {
        /// Emails that had been admitted in the period.
        package var sent: Int64
        /// Bounces of the period's own mail.
        package var bounces: Int64

        /// Counts at a reactivation.
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

    /// The `bounce_rate` that is shown: bounces among what was admitted in the period.
    ///
    /// The guillotine judges ``ownBounces``, and after a reactivation only what came since (specification 3.9).
    package var bounceRate: Rate { Rate(bounces, of: sentThisMonth) }
    /// Complaints among what was admitted in the period.
    package var complaintRate: Rate { Rate(complaints, of: sentThisMonth) }

    /// Bounces of mail that was counted in this period.
    var ownBounces: Int64 { bounces - lateBounces }

    /// How far ahead the counters' periods may lie: nodes read the same clock, but not at the same moment.
    package static let tolerance: Duration = .seconds(300)

    /// Brings the counters into the periods of `time`.
    ///
    /// A time that is earlier by no more than ``tolerance`` changes nothing: a clock that steps back a little does not reopen a period.
    /// Counters further ahead were rolled by a clock that was wrong. They are brought back: what was counted since, under whatever day and month,
    /// counts for the present ones, so that a limit of N admits no more than N.
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

    /// Where a daily reset was called on the same day, what was counted before it counts again: it is not stored separately.
    private mutating func comeBack(to present: CalendarDay) {
        sentToday += history.takeOut(from: present)
        day = present
    }

    /// Undoes a freeze that a clock ahead has made: its counts belong to the present month.
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

extension OutboundCounters {
    /// Subtracts an email that was counted and cancelled by its owner.
    ///
    /// A frozen period stays as it is. So does a day that was reset since (`POST /outbound/reset-daily`): it is not known on which side of the
    /// reset the email was counted, and a limit of N admits no more than N. The same holds for an email that was counted by a clock that was
    /// ahead.
    ///
    /// - Parameters:
    ///   - time: when it was counted.
    ///   - isFrozen: whether a freeze since then has counted the email.
    package mutating func giveBack(countedAt time: Timestamp, isFrozen: Bool) {
        if time.day < day {
            history.takeBack(1, from: time.day)
        } else if time.day == day, history.sent(on: day) == 0 {
            sentToday = max(0, sentToday - 1)
        }
        guard time.month == month, !isFrozen else { return }
        sentThisMonth = max(0, sentThisMonth - 1)
        // Subtracted from what came after the reactivation as long as there is some: a rate must not fall by emails that were not sent.
        if let reactivation, reactivation.sent > sentThisMonth { self.reactivation?.sent = sentThisMonth }
    }
}

/// The counts of a period at its end, for the bill.
package struct FrozenCounters: Sendable, Equatable {
    /// The month that is billed.
    package var month: CalendarMonth
    /// Emails that were admitted.
    package var sent: Int64
    /// Bounces that counted.
    package var bounces: Int64
    /// Complaints that counted.
    package var complaints: Int64

    /// Counts of a period.
    package init(month: CalendarMonth, sent: Int64, bounces: Int64, complaints: Int64) {
        self.month = month
        self.sent = sent
        self.bounces = bounces
        self.complaints = complaints
    }

    /// Bounces among what was admitted.
    package var bounceRate: Rate { Rate(bounces, of: sent) }
    /// Complaints among what was admitted.
    package var complaintRate: Rate { Rate(complaints, of: sent) }

    /// Whether there is nothing to bill or to report.
    package var isEmpty: Bool { sent == 0 && bounces == 0 && complaints == 0 }
}
