import Database
package import MailModel

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
    /// How much later a row is looked at again whose state cannot be read: a newer version may have written it, or somebody may repair it.
    private static let unreadableDelay: Duration = .seconds(3600)

    /// Takes emails out of the queue, and records an attempt for each, before any call is made.
    ///
    /// Attempts whose lease ran out are not repeated at once: their outcome is unknown, and SES's own events get a while to settle it. A row that
    /// cannot be read keeps none of the others: it ends as `NOT_SENT`, or is postponed where not even its state can be read.
    ///
    /// - Parameter decide: whether an email that is due is claimed. Called in the order in which they fell due.
    package func claimEmails(_ rules: EmailClaimRules, deciding decide: (EmailState) -> ClaimDecision = { _ in .claim }) throws
        -> EmailClaim
    {
        var claim = EmailClaim()
        let due = try dueEmails(limit: rules.lookAt, &claim)
        let chosen = try choose(from: due, rules, &claim, decide)
        try lookUp(chosen + due.filter { $0.work == .attempt })
        for email in due where email.work == .attempt {
            try wait(
                email, for: .unknown, until: now + rules.grace, "The node that sent it died; whether SES took it is not known yet.")
        }
        let emails = try contents(of: chosen, &claim)
        let stops = try sendingStops(of: emails.map(\.email))
        for var claimed in emails {
            if let stop = stops.stop(of: claimed.email) {
                try end(claimed.email.id, as: stop.status, explanation: stop.explanation)
            } else if let email = try self.claim(claimed.email, owner: rules.owner, until: now + rules.lease) {
                claimed.email = email
                claim.emails.append(claimed)
            }
        }
        return claim
    }

    /// The states of the emails that are due, oldest first. Those that cannot be read are postponed.
    private func dueEmails(limit: Int, _ claim: inout EmailClaim) throws -> [EmailState] {
        let rows = try transaction.query(
            """
            SELECT \(EmailStateRow.columns) FROM emails WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2\(transaction.dialect.forUpdateSkipLocked)
            """, [.timestamp(now), .integer(limit)]
        ) { row in (key: row.blob(0), state: Result { try EmailStateRow.decode(row) }) }
        return try rows.compactMap { key, state in
            switch state {
            case .success(let email):
                emailStates[email.id] = email
                return email
            case .failure(let error):
                try transaction.execute(
                    "UPDATE emails SET due_at = ?2 WHERE id = ?1", [.blob(key), .timestamp(now + Self.unreadableDelay)])
                claim.unreadable.append(UnreadableEmail(id: Self.name(of: key), reason: "\(error)", consequence: .postponed))
                return nil
            }
        }
    }

    private static func name(of key: [UInt8]) -> String {
        EmailID(bytes: key)?.description ?? key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The emails that are to be claimed. What is decided against is due again later.
    private func choose(
        from due: [EmailState], _ rules: EmailClaimRules, _ claim: inout EmailClaim, _ decide: (EmailState) -> ClaimDecision
    ) throws -> [EmailState] {
        var chosen: [EmailState] = []
        for var email in due where email.work != .attempt && chosen.count < rules.limit {
            switch decide(email) {
            case .claim: chosen.append(email)
            case .postpone(let delay):
                email.dueAt = now + delay
                try save(email)
                claim.postponed += 1
            }
        }
        return chosen
    }

    /// Reads the emails with their content, or with as much of it as a claim reads. Those whose content is not there or cannot be read have ended.
    private func contents(of states: [EmailState], _ claim: inout EmailClaim) throws -> [ClaimedEmail] {
        let large = states.filter { ($0.contentBytes ?? 0) > EmailClaimRules.largestContentRead }
        let largeIDs = Set(large.map(\.id))
        let small = states.filter { !largeIDs.contains($0.id) }
        var found = try readable(small.map(\.id), withTexts: true)
        if !large.isEmpty { try found.merge(readable(large.map(\.id), withTexts: false)) { first, _ in first } }
        return try states.compactMap { state in
            switch found[state.id] ?? .failure(.malformed("its content is missing")) {
            case .success(let email):
                let isLarge = largeIDs.contains(state.id)
                return ClaimedEmail(
                    email: email, contentBytes: isLarge ? Int(state.contentBytes ?? 0) : email.content.byteCount, textsAreLeft: isLarge)
            case .failure(let error):
                try end(state.id, as: .notSent, explanation: "Its stored content could not be read.")
                claim.unreadable.append(UnreadableEmail(id: state.id.description, reason: "\(error)", consequence: .ended))
                return nil
            }
        }
    }

    private func readable(_ ids: [EmailID], withTexts: Bool) throws -> [EmailID: Result<Email, StorageError>] {
        guard !ids.isEmpty else { return [:] }
        let select = withTexts ? EmailRow.select : EmailRow.selectSummary
        let rows = try transaction.query(
            over: ids.map { .id($0) }, { "\(select) WHERE e.id IN (\($0)) AND c.id IN (\($0))" }
        ) { row in (id: try row.emailID(0), email: Self.reading { try EmailRow.decode(row) }) }
        let origins = try EmailOrigins(of: rows.compactMap { try? $0.email.get() }, withTexts: withTexts, transaction)
        return Dictionary(
            rows.map { row in
                let complete = row.email.flatMap { email in
                    Self.reading {
                        guard let complete = try origins.complete(email) else { throw StorageError.malformed("its content is missing") }
                        return complete
                    }
                }
                return (row.id, complete)
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func reading(_ body: () throws -> Email) -> Result<Email, StorageError> {
        do {
            return .success(try body())
        } catch {
            return .failure(error as? StorageError ?? .malformed("\(error)"))
        }
    }

    /// Postpones the email that is due longest, for a claim that fails for a reason that is none of the known ones.
    ///
    /// - Returns: its id; `nil` where none is due.
    package func postponeOldestDue() throws -> String? {
        let key = try transaction.first(
            "SELECT id FROM emails WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT 1\(transaction.dialect.forUpdateSkipLocked)",
            [.timestamp(now)]
        ) { $0.blob(0) }
        guard let key else { return nil }
        try transaction.execute("UPDATE emails SET due_at = ?2 WHERE id = ?1", [.blob(key), .timestamp(now + Self.unreadableDelay)])
        return Self.name(of: key)
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
    package func record(_ outcome: SendOutcome, of id: EmailID, owner: String) throws {
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
