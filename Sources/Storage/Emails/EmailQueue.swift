import Database
package import MailModel

extension ReadableTransaction {
    /// The queue of the emails that are to be sent.
    package var queue: EmailQueue<Self> { EmailQueue(tx: self) }
}

/// The queue of the emails that are to be sent: the rows of `emails` that have a `due_at`.
///
/// A node claims due emails for the length of a lease, makes an attempt with each, and records how it ended.
package struct EmailQueue<Tx: ReadableTransaction> {
    let tx: Tx
}

extension EmailQueue {
    /// Returns when the next email is due, or was due; `nil` when the queue is empty.
    package func nextDue() throws -> Timestamp? {
        try tx.sql.first("SELECT due_at FROM emails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1") { $0.requiredTimestamp(0) }
    }
}

extension EmailQueue where Tx == Transaction {
    /// Records how an attempt ended.
    ///
    /// That the provider has the message is recorded whoever owns the email by now, and whatever events came before; those that waited for the
    /// provider's id of the message are applied. Any other outcome changes nothing when the attempt is not this owner's any more.
    package func record(_ outcome: SendOutcome, of id: EmailID, owner: String) throws {
        let own = try tx.emails.findForUpdate(id).flatMap { $0.leaseOwner == owner && $0.work == .attempt ? $0 : nil }
        switch (outcome, own) {
        case (.sent(let messageID), _):
            try tx.sesMessages.insert(messageID, of: id)
            try tx.emails.recordEvent(on: id, TimelineEntry(.sent, at: tx.now), status: .sent, settles: true)
            try tx.unmatchedEvents.apply(messageID: messageID, to: id)
        case (_, nil): break
        case (.retry(let time, let explanation), let email?): try wait(email, for: .ready, until: time, explanation)
        case (.unknown(let time, let explanation), let email?): try wait(email, for: .unknown, until: time, explanation)
        case (.paused(let time, _), var email?):
            email.attempts -= 1
            email.wait(for: .ready, until: time)
            try tx.emails.update(email)
        case (.ended(let status, let explanation), _?): try end(id, as: status, explanation: explanation)
        }
    }

    /// Releases an email until a time, and appends the explanation to its timeline.
    func wait(_ email: EmailState, for work: Work, until time: Timestamp, _ explanation: String) throws {
        var email = email
        email.wait(for: work, until: time)
        try tx.emails.update(email)
        let details = work == .unknown ? Self.unknownOutcome : nil
        try tx.timeline.insert(TimelineEntry(.dequeued, at: tx.now, explanation: explanation, details: details), of: email.id)
    }

    /// The details in the timeline of an attempt that ended without an answer: the provider may have its message.
    static var unknownOutcome: String { #"{"outcome":"unknown"}"# }

    /// Ends an email that is not sent.
    func end(_ id: EmailID, as status: EmailStatus, explanation: String) throws {
        let entry = TimelineEntry(status, at: tx.now, explanation: explanation)
        try tx.emails.recordEvent(on: id, entry, status: status, settles: true)
    }
}

extension EmailQueue where Tx == Transaction {
    /// Cancels an email that still waits for its `sendAt`, and subtracts it from the counters that it was added to.
    ///
    /// The row is locked before it is read, as in a claim: of a cancellation and a claim at the same time exactly one finds it scheduled.
    ///
    /// - Returns: the status before this call: anything but `SCHEDULED` means that nothing was changed. `nil` when there is no such email.
    package func cancel(_ id: EmailID, explanation: String) throws -> EmailStatus? {
        guard let email = try tx.emails.findForUpdate(id) else { return nil }
        guard email.status == .scheduled else { return email.status }
        try end(id, as: .cancelled, explanation: explanation)
        try giveBack(email)
        return email.status
    }

    /// Cancels an email that has not been handed to the provider, because its recipient is erased.
    ///
    /// One that was never tried is subtracted from the counters that it was added to. To be called where no attempt is under way.
    ///
    /// - Returns: false where there is nothing to cancel.
    func cancelUnsent(_ id: EmailID, explanation: String) throws -> Bool {
        guard let email = try tx.emails.findForUpdate(id), email.dueAt != nil else { return false }
        try end(id, as: .cancelled, explanation: explanation)
        if email.attempts == 0 { try giveBack(email) }
        return true
    }

    /// Subtracts an email from the counters of its domain, and from those of its account on the day of its acceptance.
    private func giveBack(_ email: EmailState) throws {
        try tx.quotas.giveBack(email)
        guard let id = email.domainID, var domain = try tx.domains.find(id) else { return }
        domain.counters.giveBack(countedAt: email.createdAt, isFrozen: try wasFrozen(domain, since: email.createdAt))
        tx.domains.update(domain)
    }

    private func wasFrozen(_ domain: SendingDomain, since time: Timestamp) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM frozen_counters WHERE month = ?1 AND name = ?2 AND domain_id = ?3 AND frozen_at >= ?4 LIMIT 1",
            [.integer(time.month.number), .text(domain.name.description), .integer(domain.id), .timestamp(time)]
        ) { _ in true } ?? false
    }
}
