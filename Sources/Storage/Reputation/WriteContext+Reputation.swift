import Database
package import MailModel

extension WriteContext {
    /// Counts emails of an account that are not of one of its domains, whose emails are counted as the gate lets them through.
    package func countSent(_ count: Int64, of accountID: Int64) {
        reputations.add(ReputationCounts(sent: count), of: accountID, on: now.day)
    }

    /// Counts bounces and complaints of an account, and judges it: what crosses a threshold is told the account at once.
    ///
    /// An account that is worse off than its rates say stays so: a block until it was reviewed, a warning until the day is over.
    ///
    /// - Returns: what it became, when that changed.
    @discardableResult
    package func count(
        bounces: Int64, complaints: Int64, of accountID: Int64, judgedBy reputation: Reputation
    ) throws -> AccountNotice? {
        guard bounces + complaints > 0 else { return nil }
        reputations.add(ReputationCounts(bounces: bounces, complaints: complaints), of: accountID, on: now.day)
        // Held until the end, so that two nodes see each other's counts: one of them crosses the threshold.
        guard let account = try lockAccount(accountID) else { return nil }
        var window = try lockedWindow(of: accountID)
        // What this transaction counts is not written yet.
        window.counts = window.counts + reputations.counts(of: accountID) + domains.admitted(ofAccount: accountID)
        let verdict = reputation.verdict(on: window)
        guard verdict.status.severity > account.status.severity else { return nil }
        try set(verdict.status, of: account, reason: verdict.explanation)
        let notice = AccountNotice(
            verdict.status == .blocked ? .accountBlocked : .accountWarning, explanation: verdict.explanation)
        try announce(notice, to: accountID)
        return notice
    }

    /// Records what the operator decided, and does it. The account is told.
    ///
    /// To be called with ``WriteIntent/accounts(_:)``.
    package func review(_ account: Account, _ decision: ReviewDecision, note: String?) throws -> Account {
        // What another node has made of it meanwhile is what was reviewed.
        let account = try lockAccount(account.id) ?? account
        try transaction.execute(
            "INSERT INTO account_reviews (account_id, decision, note, status, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [.integer(account.id), .text(decision.rawValue), .text(note), .text(account.status.rawValue), .timestamp(now)])
        let words = note.map { ": \($0)" } ?? ""
        var reviewed = account
        switch decision {
        case .keep: break
        case .lift:
            reviewed.status = .ok
            try set(.ok, of: account, reason: nil)
            try startWindow(of: account)
        case .block:
            reviewed.status = .blocked
            let reason = "blocked by the operator\(words)"
            try set(.blocked, of: account, reason: reason)
            if account.status != .blocked {
                try announce(AccountNotice(.accountBlocked, explanation: reason), to: account.id)
            }
        }
        try announce(
            AccountNotice(.accountReviewed, explanation: "review: \(decision.rawValue)\(words)"), to: account.id)
        return reviewed
    }

    /// Takes back the warnings of some accounts whose rates have fallen below the thresholds. Their rows are locked before they are judged: one
    /// that is blocked at this moment stays so, and what is counted meanwhile is judged by what it finds.
    ///
    /// - Returns: the id of the last account looked at; `nil` when there is no further one.
    func endWarnings(after id: Int64, limit: Int, judgedBy reputation: Reputation) throws -> Int64? {
        let ids = try transaction.query(
            "SELECT id FROM accounts WHERE status = 'warning' AND id > ?1 ORDER BY id LIMIT ?2", [.integer(id), .integer(limit)]
        ) { DatabaseValue.integer($0.integer(0)) }
        let lock = transaction.dialect.forUpdate
        let warned = try transaction.query(
            over: ids, { "SELECT \(AccountRow.columns) FROM accounts WHERE id IN (\($0)) AND status = 'warning' ORDER BY id\(lock)" },
            AccountRow.decode)
        for account in warned where reputation.verdict(on: try reputationWindow(of: account.id)).status == .ok {
            try set(.ok, of: account, reason: nil)
        }
        guard case .integer(let last)? = ids.last, ids.count == limit else { return nil }
        return last
    }

    func add(_ counts: ReputationCounts, to row: ReputationLedger.Row) throws {
        try transaction.execute(
            """
            INSERT INTO account_days (account_id, day, sent, bounces, complaints) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (account_id, day) DO UPDATE SET sent = account_days.sent + excluded.sent,
                bounces = account_days.bounces + excluded.bounces, complaints = account_days.complaints + excluded.complaints
            """,
            [
                .integer(row.accountID), .integer(row.day.number), .integer(counts.sent), .integer(counts.bounces),
                .integer(counts.complaints),
            ])
    }

    /// Locks the accounts that a batch counts bounces and complaints for, and those that it changes.
    func lockAccounts(of counted: CountedRows, _ ids: Set<Int64>) throws {
        guard !counted.isEmpty || !ids.isEmpty else { return }
        var values = ParameterList()
        let rows = try transaction.query(
            """
            SELECT \(AccountRow.columns) FROM accounts WHERE id IN (
                SELECT e.account_id FROM emails e WHERE e.id IN (\(values.add(counted.emails.map { .id($0) })))
                UNION SELECT d.account_id FROM domains d
                    WHERE d.name IN (\(values.add(counted.domains.map { .text($0.description) }))) AND d.deleted_at IS NULL
                UNION SELECT s.account_id FROM senders s WHERE s.address IN (\(values.add(counted.sources.map { .text($0) })))
                UNION SELECT a.id FROM accounts a WHERE a.id IN (\(values.add(ids.map { .integer($0) }))))
            ORDER BY id\(transaction.dialect.forChange)
            """, values.values, AccountRow.decode)
        rows.forEach(keepLocked)
    }

    private func lockAccount(_ id: Int64) throws -> Account? {
        if lockedAccounts[id] != nil, let account = accounts[id] { return account }
        let account = try transaction.first(
            "SELECT \(AccountRow.columns) FROM accounts WHERE id = ?1\(transaction.dialect.forChange)", [.integer(id)], AccountRow.decode)
        if let account { keepLocked(account) }
        return account
    }

    private func keepLocked(_ account: Account) {
        accounts[account.id] = account
        lockedAccounts[account.id] = .some(nil)
    }

    /// The window of an account that is locked, read once in a transaction: nobody else counts bounces of it meanwhile.
    private func lockedWindow(of accountID: Int64) throws -> ReputationWindow {
        if let known = lockedAccounts[accountID] ?? nil { return known }
        let window = try reputationWindow(of: accountID)
        lockedAccounts[accountID] = window
        return window
    }

    private func set(_ status: Account.Status, of account: Account, reason: String?) throws {
        try transaction.execute(
            "UPDATE accounts SET status = ?2, status_reason = ?3 WHERE id = ?1",
            [.integer(account.id), .text(status.rawValue), .text(reason)])
        accounts[account.id]?.status = status
        domains.set(status, ofAccount: account.id)
    }

    /// Judges an account by what it sends from now on, where the time from which it was to be judged lies in the future.
    func restartWindow(of id: Int64) throws {
        if let account = try lockAccount(id) { try startWindow(of: account) }
    }

    private func startWindow(of account: Account) throws {
        // What this transaction has counted belongs to the time before.
        let before =
            try reputationCounts(of: account.id, on: now.day) + reputations.counts(of: account.id, on: now.day)
            + domains.admitted(ofAccount: account.id)
        lockedAccounts[account.id] = nil
        try transaction.execute(
            "UPDATE accounts SET lifted_at = ?2, lifted_sent = ?3, lifted_bounces = ?4, lifted_complaints = ?5 WHERE id = ?1",
            [
                .integer(account.id), .timestamp(now), .integer(before.sent), .integer(before.bounces), .integer(before.complaints),
            ])
    }
}

extension Store {
    /// How many accounts a step judges, each with a few statements.
    private static let accountsPerStep = 20

    /// Takes back the warnings of accounts whose rates have fallen below the thresholds, once a day.
    package func endWarnings(judgedBy reputation: Reputation) async throws -> DailyRun {
        try await runDaily(.endWarnings) { try $0.endWarnings(after: $1, limit: Self.accountsPerStep, judgedBy: reputation) }
    }
}
