import Database
import MailModel

extension EmailQueue where Tx == Transaction {
    /// Claims due emails, and records an attempt for each, before any of them is handed to the provider.
    ///
    /// Attempts whose lease ran out are not repeated at once: their outcome is unknown, and SES's own events get a while to settle it. A row that
    /// cannot be read does not hold up the others: it ends as `NOT_SENT`, or is postponed where not even its state can be read.
    ///
    /// - Parameter decide: whether an email that is due is claimed. Called in the order in which they fell due.
    package func claim(_ rules: EmailClaimRules, deciding decide: (EmailState) -> ClaimDecision = { _ in .claim }) throws -> EmailClaim {
        var claim = EmailClaim()
        let due = try dueEmails(limit: rules.lookAt, &claim)
        let chosen = try choose(from: due, rules, &claim, decide)
        try tx.emails.prefetch(for: chosen + due.filter { $0.work == .attempt })
        for email in due where email.work == .attempt {
            try wait(
                email, for: .unknown, until: tx.now + rules.grace, "The node that sent it died; whether SES took it is not known yet.")
        }
        let emails = try contents(of: chosen, &claim)
        let stops = try stops(of: emails.map(\.email))
        for var claimed in emails {
            if let stop = stops.stop(of: claimed.email) {
                try end(claimed.email.id, as: stop.status, explanation: stop.explanation)
            } else if let email = try startAttempt(with: claimed.email, owner: rules.owner, until: tx.now + rules.lease) {
                claimed.email = email
                claim.emails.append(claimed)
            }
        }
        return claim
    }

    /// Postpones the email that is due longest, after a claim that failed for an unknown reason.
    ///
    /// - Returns: its id; `nil` where none is due.
    package func postponeOldest() throws -> String? {
        let key = try tx.sql.first(
            "SELECT id FROM emails WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT 1\(tx.sql.dialect.forUpdateSkipLocked)",
            [.timestamp(tx.now)]
        ) { $0.blob(0) }
        guard let key else { return nil }
        try postpone(key)
        return UnreadableEmail.id(of: key)
    }

    private func postpone(_ key: [UInt8]) throws {
        try tx.sql.execute("UPDATE emails SET due_at = ?2 WHERE id = ?1", [.blob(key), .timestamp(tx.now + UnreadableEmail.delay)])
    }

    /// The states of the emails that are due, oldest first.
    ///
    /// Those that cannot be read are postponed.
    private func dueEmails(limit: Int, _ claim: inout EmailClaim) throws -> [EmailState] {
        let rows = try tx.sql.query(
            """
            SELECT \(EmailStateRow.columns) FROM emails WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked)
            """, [.timestamp(tx.now), .integer(limit)]
        ) { row in (key: row.blob(0), state: Result { try EmailStateRow.decode(row) }) }
        return try rows.compactMap { key, state in
            switch state {
            case .success(let email):
                tx.emailCache.states[email.id] = email
                return email
            case .failure(let error):
                try postpone(key)
                claim.unreadable.append(
                    UnreadableEmail(id: UnreadableEmail.id(of: key), reason: "\(error)", consequence: .postponed))
                return nil
            }
        }
    }

    /// The emails that are to be claimed.
    ///
    /// Those that are decided against are due again later.
    private func choose(
        from due: [EmailState], _ rules: EmailClaimRules, _ claim: inout EmailClaim, _ decide: (EmailState) -> ClaimDecision
    ) throws -> [EmailState] {
        var chosen: [EmailState] = []
        for var email in due where email.work != .attempt && chosen.count < rules.limit {
            switch decide(email) {
            case .claim: chosen.append(email)
            case .postpone(let delay):
                email.dueAt = tx.now + delay
                try tx.emails.update(email)
                claim.postponed += 1
            }
        }
        return chosen
    }

    /// Records an attempt, which holds the email until its lease ends.
    private func startAttempt(with email: Email, owner: String, until leaseEnd: Timestamp) throws -> Email? {
        guard var state = try tx.emails.findForUpdate(email.id) else { return nil }
        state.status = email.status.advanced(by: .dequeued)
        state.attempts += 1
        (state.dueAt, state.work, state.leaseOwner) = (leaseEnd, .attempt, owner)
        try tx.emails.update(state)
        let entry = TimelineEntry(.dequeued, at: tx.now)
        try tx.timeline.insert(entry, of: email.id)
        try tx.callbacks.enqueue(
            state.status, after: email.status, entry: entry, of: email.id, accountID: email.accountID, callbacks: email.content.callbacks)
        var claimed = email
        claimed.status = state.status
        claimed.attempts = state.attempts
        return claimed
    }
}

// MARK: - Content

extension EmailQueue where Tx == Transaction {
    /// Reads emails with their content, or with as much of it as a claim reads.
    ///
    /// Those whose content does not exist or cannot be read are ended.
    private func contents(of states: [EmailState], _ claim: inout EmailClaim) throws -> [ClaimedEmail] {
        let large = states.filter { ($0.contentBytes ?? 0) > EmailClaimRules.largestContentRead }
        let largeIDs = Set(large.map(\.id))
        let small = states.filter { !largeIDs.contains($0.id) }
        var found = try readable(small.map(\.id), withTexts: true)
        if !large.isEmpty { try found.merge(readable(large.map(\.id), withTexts: false)) { first, _ in first } }
        return try states.compactMap { state in
            switch found[state.id] ?? .failure(.malformed("its content is missing")) {
            case .success(let email):
                let isLeft = largeIDs.contains(state.id) || email.content.templateBytes != nil
                return ClaimedEmail(
                    email: email, contentBytes: isLeft ? Int(state.contentBytes ?? 0) : email.content.byteCount, textsAreLeft: isLeft)
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
        let rows = try tx.sql.query(
            over: ids.map { .id($0) }, { "\(select) WHERE e.id IN (\($0)) AND c.id IN (\($0))" }
        ) { row in (id: try row.emailID(0), email: Self.reading { try EmailRow.decode(row) }) }
        let origins = try EmailOrigins(of: rows.compactMap { try? $0.email.get() }, withTexts: withTexts, tx.sql)
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
}
