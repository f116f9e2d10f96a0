extension OutboundCounters {
    /// Takes back an email that was counted and is not going to be sent: its owner has cancelled it.
    ///
    /// A bill that is made stays as it is. A day that was begun anew since (`POST /outbound/reset-daily`) is left alone too: nobody knows on
    /// which side of the reset the email was counted, and a limit of N lets no more than N through. The same holds for an email that was
    /// counted by a clock that was ahead.
    ///
    /// - Parameters:
    ///   - time: when it was counted.
    ///   - isFrozen: a freeze has come since, with the email in it.
    package mutating func giveBack(countedAt time: Timestamp, isFrozen: Bool) {
        if time.day < day {
            history.takeBack(1, from: time.day)
        } else if time.day == day, history.sent(on: day) == 0 {
            sentToday = max(0, sentToday - 1)
        }
        guard time.month == month, !isFrozen else { return }
        sentThisMonth = max(0, sentThisMonth - 1)
        // Taken from what came after the reactivation as long as there is some: a rate must not fall by emails that nobody sent.
        if let reactivation, reactivation.sent > sentThisMonth { self.reactivation?.sent = sentThisMonth }
    }
}
