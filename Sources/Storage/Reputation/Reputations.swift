import Database
package import MailModel

extension ReadableTransaction {
    /// The reputation of all accounts.
    package var reputation: Reputations<Self> { Reputations(tx: self) }
}

/// The reputation of all accounts: what each has sent and what came back, by days, and the operator's reviews (specification 8.1).
///
/// A ``Transaction`` adds up its counts in its ``ReputationCache`` and writes them when it ends. Accounts are judged by module Feedback.
package struct Reputations<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Reputations {
    /// Returns the counts that an account is judged by, as they are in the database: of at most ``Reputation/days`` days.
    package func window(of accountID: Int64) throws -> ReputationWindow {
        let first = CalendarDay(number: tx.now.day.number - Reputation.days + 1)
        let lift = try lift(of: accountID)
        let begin = max(first, lift?.at.day ?? first)
        let counts = try tx.sql.first(
            """
            SELECT CAST(COALESCE(SUM(sent), 0) AS BIGINT), CAST(COALESCE(SUM(bounces), 0) AS BIGINT),
                CAST(COALESCE(SUM(complaints), 0) AS BIGINT)
            FROM account_days WHERE account_id = ?1 AND day >= ?2
            """,
            [.integer(accountID), .integer(begin.number)], ReputationCounts.init(row:))
        guard let lift, lift.at.day >= first else { return ReputationWindow(counts: counts ?? ReputationCounts(), since: first.start) }
        return ReputationWindow(counts: (counts ?? ReputationCounts()) - lift.before, since: lift.at, isReviewed: true)
    }

    /// When the operator last lifted the account's block or warning, and the counts of that day until then; `nil` where that never happened.
    private func lift(of accountID: Int64) throws -> (at: Timestamp, before: ReputationCounts)? {
        try tx.sql.first(
            """
            SELECT lifted_at, lifted_sent, lifted_bounces, lifted_complaints FROM accounts WHERE id = ?1 AND lifted_at IS NOT NULL
            """,
            [.integer(accountID)]
        ) { ($0.requiredTimestamp(0), ReputationCounts(sent: $0.integer(1), bounces: $0.integer(2), complaints: $0.integer(3))) }
    }

    /// Returns an account's status with its reason, its counts and its 20 latest reviews.
    package func report(of account: Account) throws -> ReputationReport {
        let reason = try tx.sql.first("SELECT status_reason FROM accounts WHERE id = ?1", [.integer(account.id)]) {
            $0.optionalText(0)
        }
        let reviews = try tx.sql.query(
            "SELECT decision, note, status, at FROM account_reviews WHERE account_id = ?1 ORDER BY id DESC LIMIT 20", [.integer(account.id)]
        ) { row in
            AccountReview(
                decision: try row.choice(0), note: row.optionalText(1), status: try row.choice(2), at: row.requiredTimestamp(3))
        }
        var report = ReputationReport(account: account, reason: reason ?? nil, window: try window(of: account.id), reviews: reviews)
        report.tenants = try tx.providerTenants.list(of: account.id)
        return report
    }

    private func counts(of accountID: Int64, on day: CalendarDay) throws -> ReputationCounts {
        try tx.sql.first(
            "SELECT sent, bounces, complaints FROM account_days WHERE account_id = ?1 AND day = ?2",
            [.integer(accountID), .integer(day.number)], ReputationCounts.init(row:)) ?? ReputationCounts()
    }
}

extension Reputations where Tx == Transaction {
    /// Counts emails of an account that belong to none of its domains.
    ///
    /// Those that do are counted by their domain.
    package func countSent(_ count: Int64, of accountID: Int64) {
        self.count(ReputationCounts(sent: count), of: accountID)
    }

    /// Adds to an account's counts of the present day.
    ///
    /// They are written when the transaction ends.
    package func count(_ counts: ReputationCounts, of accountID: Int64) {
        tx.reputationCache.add(counts, of: accountID, on: tx.now.day)
    }

    /// Returns the counts that an account is judged by, with those that this transaction has not written yet.
    ///
    /// The account has to be locked (``Accounts/findForUpdate(_:)``): what is in the database is then read once in a transaction, as no other
    /// one counts bounces of the account meanwhile.
    package func lockedWindow(of accountID: Int64) throws -> ReputationWindow {
        var window = try storedWindow(of: accountID)
        window.counts = window.counts + tx.reputationCache.counts(of: accountID) + tx.domainCache.admitted(ofAccount: accountID)
        return window
    }

    private func storedWindow(of accountID: Int64) throws -> ReputationWindow {
        if let known = tx.accountCache.lockedWindow(of: accountID) { return known }
        let window = try window(of: accountID)
        tx.accountCache.storeLocked(window, of: accountID)
        return window
    }

    /// Judges an account only by what it sends from now on.
    package func restartWindow(of accountID: Int64) throws {
        guard try tx.accounts.findForUpdate(accountID) != nil else { return }
        // What this transaction has counted belongs to the time before.
        let before =
            try counts(of: accountID, on: tx.now.day) + tx.reputationCache.counts(of: accountID, on: tx.now.day)
            + tx.domainCache.admitted(ofAccount: accountID)
        tx.accountCache.forgetLock(of: accountID)
        try tx.sql.execute(
            "UPDATE accounts SET lifted_at = ?2, lifted_sent = ?3, lifted_bounces = ?4, lifted_complaints = ?5 WHERE id = ?1",
            [
                .integer(accountID), .timestamp(tx.now), .integer(before.sent), .integer(before.bounces), .integer(before.complaints),
            ])
    }

    /// Inserts a review of an account.
    package func insert(_ review: AccountReview, of accountID: Int64) throws {
        try tx.sql.execute(
            "INSERT INTO account_reviews (account_id, decision, note, status, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [
                .integer(accountID), .text(review.decision.rawValue), .text(review.note), .text(review.status.rawValue),
                .timestamp(review.at),
            ])
    }

    /// Locks the accounts that a batch counts bounces and complaints for, and those that it changes.
    ///
    /// - Parameter names: domains whose accounts are locked too: mail of them counts against the limits of the account.
    func lock(of counted: CountedRows, _ ids: Set<Int64>, domains names: Set<DomainName>) throws {
        guard !counted.isEmpty || !ids.isEmpty || !names.isEmpty else { return }
        var values = ParameterList()
        let rows = try tx.sql.query(
            """
            SELECT \(AccountRow.withQuota) FROM accounts WHERE id IN (
                SELECT e.account_id FROM emails e WHERE e.id IN (\(values.add(counted.emails.map { .id($0) })))
                UNION SELECT d.account_id FROM domains d
                    WHERE d.name IN (\(values.add(counted.domains.union(names).map { .text($0.description) }))) AND d.deleted_at IS NULL
                UNION SELECT s.account_id FROM senders s WHERE s.address IN (\(values.add(counted.sources.map { .text($0) })))
                UNION SELECT a.id FROM accounts a WHERE a.id IN (\(values.add(ids.map { .integer($0) }))))
            ORDER BY id\(tx.sql.dialect.forChange)
            """, values.values, AccountRow.decodeWithQuota)
        for account in rows { tx.accountCache.storeLocked(account) }
    }

    /// Writes the counts of this transaction.
    ///
    /// - Throws: ``LimitsChanged`` where an account has got limits since the gate was asked without them.
    func flush() throws {
        for (row, counts) in tx.reputationCache.drain() {
            let isLimited = try add(counts, to: row)
            if isLimited, counts.sent > 0, !tx.quotaCache.isConsulted(row.accountID) { throw LimitsChanged() }
            // The window has them in it from now on.
            tx.accountCache.forgetWindow(of: row.accountID)
        }
    }

    /// Adds to a row of counts, at once.
    ///
    /// - Returns: whether the row says that the account has limits that messages count against.
    @discardableResult
    func add(_ counts: ReputationCounts, to row: ReputationCache.Row) throws -> Bool {
        try tx.sql.first(
            """
            INSERT INTO account_days (account_id, day, sent, bounces, complaints, limited) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (account_id, day) DO UPDATE SET sent = account_days.sent + excluded.sent,
                bounces = account_days.bounces + excluded.bounces, complaints = account_days.complaints + excluded.complaints
            RETURNING limited
            """,
            [
                .integer(row.accountID), .integer(row.day.number), .integer(counts.sent), .integer(counts.bounces),
                .integer(counts.complaints), .bool(tx.quotaCache.quota(of: row.accountID)?.limits.limitsSending == true),
            ]
        ) { $0.bool(0) } ?? false
    }
}

extension ReputationCounts {
    /// The columns `sent, bounces, complaints`.
    fileprivate init(row: any DatabaseRow) {
        self.init(sent: row.integer(0), bounces: row.integer(1), complaints: row.integer(2))
    }
}
