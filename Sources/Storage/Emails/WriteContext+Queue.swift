import Database
public import MailModel

/// What an email in the queue waits for, when `due_at` has come.
///
/// `due_at` is the queue's only clock: a claim moves it to the end of its lease, so that the work of a dead node falls due again by itself.
enum Work: String {
    /// To be handed to the provider.
    case ready
    /// An attempt was recorded and is under way. Found due, its node has died in the middle of it.
    case attempt
    /// An attempt ended without an answer. Found due, the provider's events had their time to tell.
    case unknown
}

extension WriteContext {
    /// Takes emails out of the queue, and records an attempt for each, before any call is made.
    ///
    /// Attempts whose lease ran out are not repeated at once: their outcome is unknown, and SES's own events get `grace` to settle it.
    ///
    /// - Parameters:
    ///   - owner: the node that claims.
    ///   - lease: how long the claim holds.
    ///   - limit: at most this many.
    public func claimEmails(owner: String, lease: Duration, grace: Duration, limit: Int) throws -> [Email] {
        let due = try transaction.query(
            """
            SELECT id, work FROM emails WHERE due_at IS NOT NULL AND due_at <= ?1
            ORDER BY due_at LIMIT ?2\(transaction.dialect.forUpdateSkipLocked)
            """,
            [.timestamp(now), .integer(limit)]
        ) { row -> (id: EmailID, work: Work) in (try row.emailID(0), try row.choice(1)) }
        var claimed: [Email] = []
        var stops = SendingStops()
        for (id, work) in due {
            if work == .attempt {
                try wait(id, for: .unknown, until: now + grace)
                try append(
                    TimelineEntry(.dequeued, at: now, explanation: "The node that sent it died; whether SES took it is not known yet."),
                    to: id)
            } else if let email = try claim(id, owner: owner, until: now + lease, &stops) {
                claimed.append(email)
            }
        }
        return claimed
    }

    private func claim(_ id: EmailID, owner: String, until leaseEnd: Timestamp, _ stops: inout SendingStops) throws -> Email? {
        guard var email = try email(id) else { return nil }
        if let stop = try stops.stop(of: email, in: self) {
            try end(email.id, as: stop.status, explanation: stop.explanation)
            return nil
        }
        let before = email.status
        email.status = before.advanced(by: .dequeued)
        email.attempts += 1
        try transaction.execute(
            "UPDATE emails SET due_at = ?2, lease_owner = ?3, work = ?4, status = ?5, attempts = ?6, updated_at = ?7 WHERE id = ?1",
            [
                .id(id), .timestamp(leaseEnd), .text(owner), .text(Work.attempt.rawValue), .text(email.status.rawValue),
                .integer(email.attempts), .timestamp(now),
            ])
        let entry = TimelineEntry(.dequeued, at: now)
        try append(entry, to: id)
        try tell(email.status, after: before, entry: entry, of: id, accountID: email.accountID, callbacks: email.content.callbacks)
        return email
    }

    /// Whether a domain may not send at all, as this transaction has it. Read without a lock where it has not: nothing of it is changed here.
    fileprivate func isCutOff(_ domainID: Int64) throws -> Bool {
        if let known = domains.domain(domainID) { return known.outbound.status == .suspended && known.outbound.enforcement == .hard }
        return try transaction.first(
            "SELECT 1 FROM domains WHERE id = ?1 AND status = ?2 AND enforcement = ?3",
            [
                .integer(domainID), .text(OutboundConfiguration.Status.suspended.rawValue),
                .text(OutboundConfiguration.Enforcement.hard.rawValue),
            ]
        ) { _ in true } ?? false
    }

    /// Records how an attempt ended. Nothing is changed when the attempt is not this owner's any more, but for the id that SES gave it.
    public func record(_ outcome: SendOutcome, of id: EmailID, owner: String) throws {
        if case .sent(let messageID) = outcome {
            try recordSESMessage(messageID, of: id)
        }
        let isOwn = try transaction.first(
            "SELECT 1 FROM emails WHERE id = ?1 AND lease_owner = ?2 AND work = ?3", [.id(id), .text(owner), .text(Work.attempt.rawValue)]
        ) { _ in true }
        guard isOwn == true else { return }
        switch outcome {
        case .sent: try recordEvent(on: id, TimelineEntry(.sent, at: now), status: .sent, settles: true)
        case .retry(let time, let explanation):
            try wait(id, for: .ready, until: time)
            try append(TimelineEntry(.dequeued, at: now, explanation: explanation), to: id)
        case .unknown(let time, let explanation):
            try wait(id, for: .unknown, until: time)
            try append(TimelineEntry(.dequeued, at: now, explanation: explanation), to: id)
        case .paused(let time, _):
            try wait(id, for: .ready, until: time)
            try transaction.execute("UPDATE emails SET attempts = attempts - 1 WHERE id = ?1", [.id(id)])
        case .ended(let status, let explanation): try end(id, as: status, explanation: explanation)
        }
    }

    /// Ends an email that is not sent.
    func end(_ id: EmailID, as status: EmailStatus, explanation: String) throws {
        try recordEvent(on: id, TimelineEntry(status, at: now, explanation: explanation), status: status, settles: true)
    }

    private func wait(_ id: EmailID, for work: Work, until time: Timestamp) throws {
        try transaction.execute(
            "UPDATE emails SET due_at = ?2, lease_owner = NULL, work = ?3, updated_at = ?4 WHERE id = ?1",
            [.id(id), .timestamp(time), .text(work.rawValue), .timestamp(now)])
    }
}

/// What keeps emails of the queue from being sent: those who may not send at all are looked up once for all the emails of a claim.
private struct SendingStops {
    private var accounts: [Int64: Bool] = [:]
    private var domains: [Int64: Bool] = [:]

    /// How an email ends that must not be sent although it was accepted; `nil` where it may be.
    mutating func stop(of email: Email, in context: WriteContext) throws -> (status: EmailStatus, explanation: String)? {
        if try isStopped(email.accountID, \.accounts, { try context.account($0)?.status == .blocked }) {
            return (.blockedDueBadBehaviour, "The account was blocked before the email was sent.")
        }
        if let domain = email.domainID, try isStopped(domain, \.domains, context.isCutOff) {
            return (.blockedDueBadBehaviour, "The domain was suspended before the email was sent.")
        }
        // Days may lie between acceptance and now.
        guard email.status == .scheduled, let obstacle = try context.obstacle(to: email) else { return nil }
        return (.blacklisted, "\(obstacle) since the email was accepted.")
    }

    private mutating func isStopped(
        _ id: Int64, _ known: WritableKeyPath<SendingStops, [Int64: Bool]>, _ find: (Int64) throws -> Bool
    ) throws -> Bool {
        if let found = self[keyPath: known][id] { return found }
        let found = try find(id)
        self[keyPath: known][id] = found
        return found
    }
}
