import Database
package import MailModel

extension ReadableTransaction {
    /// The limits of accounts and what counts against them.
    package var quotas: AccountQuotas<Self> { AccountQuotas(tx: self) }
}

/// The limits of accounts over all their domains and single senders, and what counts against them (specification 3.14).
///
/// What counts are the days of ``Reputations``, less what a reset has taken off (``StoredQuota``): each row has its day, so no reset is needed at
/// midnight.
///
/// Only an account that has limits is locked while its mail is counted, before the domains: then the counts of all nodes are exact. Mail of other
/// accounts adds to their day at the end of its batch. Should an account have got its first limit meanwhile, that row says so, and the
/// batch runs again (``LimitsChanged``).
package struct AccountQuotas<Tx: ReadableTransaction> {
    let tx: Tx
}

/// An account has got limits since this transaction has admitted mail of it without: the transaction has to be run again.
struct LimitsChanged: Error {}

extension AccountQuotas {
    /// Returns the limits of an account, their use, and its number of domains.
    package func outbound(of account: Account) throws -> AccountOutbound {
        AccountOutbound(account: account, quota: try find(account.id), domains: try countDomains(of: account.id))
    }

    /// Returns the limits of an account and what counts against them.
    package func find(_ accountID: Int64) throws -> AccountQuota {
        try quota(of: accountID, select(accountID) ?? StoredQuota())
    }

    private func select(_ accountID: Int64) throws -> StoredQuota? {
        try tx.sql.first("SELECT \(StoredQuota.columns) FROM accounts WHERE id = ?1", [.integer(accountID)]) {
            try StoredQuota($0, from: 0)
        }
    }

    fileprivate func quota(of accountID: Int64, _ stored: StoredQuota) throws -> AccountQuota {
        var (today, month) = try storedCounts(of: accountID)
        if let writing = tx.writing {
            let admitted = writing.domainCache.admitted(ofAccount: accountID).sent
            today += writing.reputationCache.sent(of: accountID, since: tx.now.day) + admitted
            month += writing.reputationCache.sent(of: accountID, since: tx.now.month.start.day) + admitted
        }
        return AccountQuota(
            accountID: accountID, limits: stored.limits, sentToday: max(0, today - stored.takenOff(on: tx.now.day)),
            sentThisMonth: max(0, month - stored.takenOff(in: tx.now.month)))
    }

    /// What the database has of the day and the month.
    ///
    /// Days in the future were written by a clock that was ahead: they count for the present.
    private func storedCounts(of accountID: Int64) throws -> (today: Int64, month: Int64) {
        try tx.sql.first(
            """
            SELECT CAST(COALESCE(SUM(CASE WHEN day >= ?2 THEN sent ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(sent), 0) AS BIGINT)
            FROM account_days WHERE account_id = ?1 AND day >= ?3
            """,
            [.integer(accountID), .integer(tx.now.day.number), .integer(tx.now.month.start.day.number)]
        ) { ($0.integer(0), $0.integer(1)) } ?? (0, 0)
    }

    private func countDomains(of accountID: Int64) throws -> Int64 {
        try tx.sql.first("SELECT COUNT(*) FROM domains WHERE account_id = ?1 AND deleted_at IS NULL", [.integer(accountID)]) {
            $0.integer(0)
        } ?? 0
    }

    /// Whether an account has as many live domains as it may have.
    ///
    /// The account has to be locked, so that no other node adds one meanwhile.
    package func hasAllDomains(_ accountID: Int64) throws -> Bool {
        guard let limit = try select(accountID)?.limits.domainsLimit, limit > 0 else { return false }
        return try tx.sql.first(
            "SELECT 1 FROM domains WHERE account_id = ?1 AND deleted_at IS NULL ORDER BY id LIMIT 1 OFFSET ?2",
            [.integer(accountID), .integer(limit - 1)]
        ) { _ in true } ?? false
    }
}

extension AccountQuotas where Tx == Transaction {
    /// Returns the quota that messages of a domain count against, its account locked; `nil` where the account has no limits.
    ///
    /// It is read once in a transaction.
    package func findForUpdate(of domain: SendingDomain) throws -> AccountQuota? {
        guard domain.hasAccountQuota else { return nil }
        tx.quotaCache.found.domains.insert(domain.name)
        return try lock(domain.accountID)
    }

    /// Returns the quota that messages of an account's single senders count against, the account locked; `nil` where it has no limits.
    package func findForUpdate(ofAccount accountID: Int64) throws -> AccountQuota? {
        guard try limitsSending(accountID) else { return nil }
        tx.quotaCache.found.accounts.insert(accountID)
        return try lock(accountID)
    }

    /// Whether an account has limits that messages count against; its row is read once in a transaction, and not locked.
    func limitsSending(_ accountID: Int64) throws -> Bool {
        try tx.accounts.find(accountID) != nil && tx.accountCache.storedQuota(of: accountID)?.limits.limitsSending == true
    }

    private func lock(_ accountID: Int64) throws -> AccountQuota? {
        if let known = tx.quotaCache.quota(of: accountID) { return known.limits.limitsSending ? known : nil }
        guard try tx.accounts.findForUpdate(accountID) != nil, let stored = tx.accountCache.storedQuota(of: accountID) else { return nil }
        let quota = try quota(of: accountID, stored)
        tx.quotaCache.store(quota)
        return quota.limits.limitsSending ? quota : nil
    }

    /// Records what the gate has admitted, and tells the account of limits that it has nearly or wholly used up.
    ///
    /// It is written with the counts of the account's domains and single senders.
    func record(_ quota: AccountQuota, counting recipients: Int64) throws {
        tx.quotaCache.store(quota)
        try tx.notices.insertQuotas(of: quota, counting: recipients)
    }

    /// Changes the limits of an account, whose row has to be locked.
    ///
    /// They hold for its domains in this transaction from then on.
    package func update(_ accountID: Int64, limits: AccountLimits) throws {
        try tx.sql.execute(
            "UPDATE accounts SET daily_limit = ?2, monthly_limit = ?3, enforcement = ?4, domains_limit = ?5 WHERE id = ?1",
            [
                .integer(accountID), .integer(limits.dailyLimit), .integer(limits.monthlyLimit), .text(limits.enforcement.rawValue),
                .integer(limits.domainsLimit),
            ])
        // Other nodes that have mail of the account under way write this row behind us, and see it.
        try tx.sql.execute(
            """
            INSERT INTO account_days (account_id, day, sent, bounces, complaints, limited) VALUES (?1, ?2, 0, 0, 0, ?3)
            ON CONFLICT (account_id, day) DO UPDATE SET limited = excluded.limited
            """, [.integer(accountID), .integer(tx.now.day.number), .bool(limits.limitsSending)])
        tx.accountCache.set(limits, of: accountID)
        tx.domainCache.set(hasQuota: limits.limitsSending, ofAccount: accountID)
        tx.quotaCache.set(limits, of: accountID)
    }

    /// Subtracts an email that was cancelled from the day of its acceptance.
    ///
    /// Where the day or month was reset since, what the reset has taken off is corrected instead: as with domains, it is not known on which side of it
    /// the email was counted, and a limit of N admits no more than N.
    func giveBack(_ email: EmailState) throws {
        tx.reputationCache.add(ReputationCounts(sent: -1), of: email.accountID, on: email.createdAt.day)
        tx.usage.count(UsageCounts(sent: -1), of: .charged(email), accountID: email.accountID, on: email.createdAt.day)
        tx.quotaCache.forget(email.accountID)
        guard try tx.accounts.find(email.accountID) != nil,
            tx.accountCache.storedQuota(of: email.accountID)?.wasReset(inPeriodsOf: email.createdAt) == true
        else { return }
        try tx.sql.execute(
            """
            UPDATE accounts SET reset_day_sent = reset_day_sent - CASE WHEN reset_day = ?2 THEN 1 ELSE 0 END,
                reset_month_sent = reset_month_sent - CASE WHEN reset_month = ?3 AND reset_month_at >= ?4 THEN 1 ELSE 0 END
            WHERE id = ?1
            """,
            [
                .integer(email.accountID), .integer(email.createdAt.day.number), .integer(email.createdAt.month.number),
                .timestamp(email.createdAt - OutboundCounters.tolerance),
            ])
        tx.accountCache.forgetQuota(of: email.accountID)
    }
}

/// The limits in the row of an account, and what resets have taken off its counts.
struct StoredQuota {
    static let columns = "daily_limit, monthly_limit, enforcement, domains_limit, reset_day, reset_day_sent, reset_month, reset_month_sent"

    var limits = AccountLimits()
    private var resetDay: Int64?
    private var sentBeforeResetOfDay: Int64 = 0
    private var resetMonth: Int64?
    private var sentBeforeResetOfMonth: Int64 = 0

    /// The limits of an account that has none.
    init() {}

    /// - Parameter first: the position of the first of ``columns``.
    init(_ row: any DatabaseRow, from first: Int) throws {
        limits.dailyLimit = row.integer(first)
        limits.monthlyLimit = row.integer(first + 1)
        limits.enforcement = try row.choice(first + 2)
        limits.domainsLimit = row.integer(first + 3)
        resetDay = row.optionalInteger(first + 4)
        sentBeforeResetOfDay = row.integer(first + 5)
        resetMonth = row.optionalInteger(first + 6)
        sentBeforeResetOfMonth = row.integer(first + 7)
    }

    /// Whether a call has reset the day or the month of a time.
    func wasReset(inPeriodsOf time: Timestamp) -> Bool {
        resetDay == time.day.number || resetMonth == time.month.number
    }

    /// What was sent on a day before its reset.
    func takenOff(on day: CalendarDay) -> Int64 {
        resetDay == day.number ? sentBeforeResetOfDay : 0
    }

    /// What was sent in a month before its reset.
    func takenOff(in month: CalendarMonth) -> Int64 {
        resetMonth == month.number ? sentBeforeResetOfMonth : 0
    }
}
