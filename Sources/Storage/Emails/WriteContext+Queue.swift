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
        let due = try emailStates(
            where: "due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2", [.timestamp(now), .integer(limit)],
            lock: \.forUpdateSkipLocked)
        try lookUp(due)
        for email in due where email.work == .attempt {
            try wait(
                email, for: .unknown, until: now + grace, "The node that sent it died; whether SES took it is not known yet.")
        }
        let emails = try complete(emails(due.filter { $0.work != .attempt }.map(\.id)))
        let stops = try sendingStops(of: emails)
        return try emails.compactMap { email in
            if let stop = stops.stop(of: email) {
                try end(email.id, as: stop.status, explanation: stop.explanation)
                return nil
            }
            return try claim(email, owner: owner, until: now + lease)
        }
    }

    private func claim(_ email: Email, owner: String, until leaseEnd: Timestamp) throws -> Email? {
        guard var state = try emailState(email.id) else { return nil }
        state.status = email.status.advanced(by: .dequeued)
        state.attempts += 1
        (state.dueAt, state.work, state.leaseOwner) = (leaseEnd, .attempt, owner)
        try save(state)
        let entry = TimelineEntry(.dequeued, at: now)
        try append(entry, to: email.id)
        try tell(
            state.status, after: email.status, entry: entry, of: email.id, accountID: email.accountID, callbacks: email.content.callbacks)
        var claimed = email
        claimed.status = state.status
        claimed.attempts = state.attempts
        return claimed
    }

    /// Records how an attempt ended.
    ///
    /// That the provider has the message holds whoever owns the email by now, and whatever events came before. All else changes nothing when the attempt
    /// is not this owner's any more.
    public func record(_ outcome: SendOutcome, of id: EmailID, owner: String) throws {
        let own = try emailState(id).flatMap { $0.leaseOwner == owner && $0.work == .attempt ? $0 : nil }
        switch (outcome, own) {
        case (.sent(let messageID), _):
            try recordSESMessage(messageID, of: id)
            try recordEvent(on: id, TimelineEntry(.sent, at: now), status: .sent, settles: true)
        case (_, nil): break
        case (.retry(let time, let explanation), let email?): try wait(email, for: .ready, until: time, explanation)
        case (.unknown(let time, let explanation), let email?): try wait(email, for: .unknown, until: time, explanation)
        case (.paused(let time, _), var email?):
            email.attempts -= 1
            email.wait(for: .ready, until: time)
            try save(email)
        case (.ended(let status, let explanation), _?): try end(id, as: status, explanation: explanation)
        }
    }

    /// Ends an email that is not sent.
    func end(_ id: EmailID, as status: EmailStatus, explanation: String) throws {
        try recordEvent(on: id, TimelineEntry(status, at: now, explanation: explanation), status: status, settles: true)
    }

    private func wait(_ email: EmailState, for work: Work, until time: Timestamp, _ explanation: String) throws {
        var email = email
        email.wait(for: work, until: time)
        try save(email)
        try append(TimelineEntry(.dequeued, at: now, explanation: explanation), to: email.id)
    }
}

/// What keeps emails of the queue from being sent, looked up at once for all the emails of a claim.
private struct SendingStops {
    /// Who may not send at all.
    var accounts: Set<Int64>
    var domains: Set<Int64>
    /// Why recipients must not be written to any more.
    var obstacles: [EmailID: String]

    /// How an email ends that must not be sent although it was accepted; `nil` where it may be.
    func stop(of email: Email) -> (status: EmailStatus, explanation: String)? {
        if accounts.contains(email.accountID) {
            return (.blockedDueBadBehaviour, "The account was blocked before the email was sent.")
        }
        if let domain = email.domainID, domains.contains(domain) {
            return (.blockedDueBadBehaviour, "The domain was suspended before the email was sent.")
        }
        return obstacles[email.id].map { (.blacklisted, "\($0) since the email was accepted.") }
    }
}

extension WriteContext {
    fileprivate func sendingStops(of emails: [Email]) throws -> SendingStops {
        // Days may lie between acceptance and now.
        let scheduled = emails.filter { $0.status == .scheduled }
        try lookUp(Set(scheduled.map { SuppressionPair(accountID: $0.accountID, address: $0.recipient.suppressionKey) }))
        var obstacles: [EmailID: String] = [:]
        for email in scheduled { obstacles[email.id] = try obstacle(to: email) }
        return SendingStops(
            accounts: try blockedAccounts(of: Set(emails.map(\.accountID))),
            domains: try cutOffDomains(of: Set(emails.compactMap(\.domainID))), obstacles: obstacles)
    }

    /// The accounts that are blocked, as this transaction has them.
    private func blockedAccounts(of ids: Set<Int64>) throws -> Set<Int64> {
        let known = ids.filter { accounts[$0] != nil }
        return try known.filter { accounts[$0]?.status == .blocked }
            .union(select(ids.subtracting(known), from: "accounts", where: "status = '\(Account.Status.blocked.rawValue)'"))
    }

    /// The domains that may not send at all, as this transaction has them. Read without a lock where it has not: nothing of them is changed here.
    private func cutOffDomains(of ids: Set<Int64>) throws -> Set<Int64> {
        let known = ids.compactMap(domains.domain)
        let cutOff = known.filter { $0.outbound.status == .suspended && $0.outbound.enforcement == .hard }
        let condition = """
            status = '\(OutboundConfiguration.Status.suspended.rawValue)' AND enforcement = '\(OutboundConfiguration.Enforcement.hard.rawValue)'
            """
        return try Set(cutOff.map(\.id)).union(select(ids.subtracting(known.map(\.id)), from: "domains", where: condition))
    }

    /// Those of the ids whose rows meet a condition.
    private func select(_ ids: Set<Int64>, from table: String, where condition: String) throws -> Set<Int64> {
        try Set(
            transaction.query(over: ids.map { .integer($0) }, { "SELECT id FROM \(table) WHERE id IN (\($0)) AND \(condition)" }) {
                $0.integer(0)
            })
    }
}
