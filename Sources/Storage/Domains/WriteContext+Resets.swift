import Database
public import MailModel

extension WriteContext {
    /// Begins the day's count anew for every domain (contract section 3, `POST /outbound/reset-daily`).
    ///
    /// - Returns: how many live domains there are.
    public func resetDaily() throws -> Int64 {
        try changeEveryDomain { domain in
            domain.counters.startDay(now.day)
        }
    }

    /// Freezes every domain's month and begins the count anew (contract section 3, `POST /outbound/reset-monthly`).
    ///
    /// A domain whose month was frozen by its first message after midnight, before this call, is reported and keeps what it has counted since.
    ///
    /// - Returns: what was frozen, including what nobody was told yet, and how many live domains there are.
    public func resetMonthly() throws -> (frozen: [FrozenEntry], count: Int64) {
        // Rolls every domain into the present month first: what ended by the calendar is frozen there.
        let count = try changeEveryDomain { _ in }
        let rolled = now.day.number - now.month.start.day.number < Self.daysToReport ? try unreportedDomains() : []
        try changeEveryDomain { domain in
            guard !rolled.contains(domain.id) else { return }
            try freeze(domain.counters.startMonth(now.month), of: domain)
        }
        return (try takeUnreported(), count)
    }

    /// How long into a month a call of `reset-monthly` is taken for the one of its beginning, when messages or the scheduler came before it.
    private static let daysToReport: Int64 = 7

    /// Freezes what ended by the calendar, for the scheduler: every domain that still counts in an earlier month.
    public func freezeEndedMonths() throws {
        try changeEveryDomain { _ in }
    }

    /// Claims a job that is done once a day for this node.
    ///
    /// - Returns: false when another node, or an earlier run, has done it today.
    public func claimDailyRun(of job: String) throws -> Bool {
        try claimRun(of: job, period: String(now.day.start.description.prefix("2026-01-01".count)))
    }

    /// Claims a period of a scheduled job for this node.
    ///
    /// - Returns: false when another node, or an earlier run, had it.
    public func claimRun(of job: String, period: String) throws -> Bool {
        try transaction.execute(
            "INSERT INTO scheduled_runs (job, period, ran_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(job), .text(period), .timestamp(now)]) == 1
    }

    func freeze(_ counters: FrozenCounters, of domain: SendingDomain) throws {
        try transaction.execute(
            """
            INSERT INTO frozen_counters
                (domain_id, name, account_reference, month, sent, monthly_limit, bounces, complaints, frozen_at, reported)
            SELECT ?1, ?2, reference, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM accounts WHERE id = ?10
            """,
            [
                .integer(domain.id), .text(domain.name.description), .integer(counters.month.number), .integer(counters.sent),
                .integer(domain.outbound.monthlyLimit), .integer(counters.bounces), .integer(counters.complaints), .timestamp(now),
                .bool(false), .integer(domain.accountID),
            ])
    }

    /// Applies a change to every domain, the deleted ones included while they have counts to be billed.
    ///
    /// - Returns: how many of them are live.
    @discardableResult
    private func changeEveryDomain(_ change: (inout SendingDomain) throws -> Void) throws -> Int64 {
        try flush()
        let ids = try transaction.query(
            "SELECT id, deleted_at FROM domains WHERE deleted_at IS NULL OR sent_month > 0 OR bounces > 0 OR complaints > 0 ORDER BY id", []
        ) { (id: $0.integer(0), isLive: $0.isNull(1)) }
        for (id, _) in ids {
            guard var domain = try domain(id) else { continue }
            let before = domain
            try change(&domain)
            if domain != before { save(domain) }
        }
        return Int64(ids.count(where: \.isLive))
    }

    private func unreportedDomains() throws -> Set<Int64> {
        Set(try transaction.query("SELECT DISTINCT domain_id FROM frozen_counters WHERE reported = 0", []) { $0.integer(0) })
    }

    private func takeUnreported() throws -> [FrozenEntry] {
        let entries = try transaction.query(
            "SELECT \(FrozenRow.columns) FROM frozen_counters WHERE reported = 0 ORDER BY id", [], FrozenRow.decode)
        try transaction.execute("UPDATE frozen_counters SET reported = 1 WHERE reported = 0")
        return entries
    }
}

/// How a frozen month lies in its row.
enum FrozenRow {
    static let columns = "domain_id, name, account_reference, month, sent, monthly_limit, bounces, complaints, frozen_at"

    static func decode(_ row: any DatabaseRow) -> FrozenEntry {
        FrozenEntry(
            domainID: row.integer(0), name: DomainName(validated: row.text(1)), accountReference: row.text(2), monthlyLimit: row.integer(5),
            counters: FrozenCounters(
                month: CalendarMonth(number: row.integer(3)), sent: row.integer(4), bounces: row.integer(6), complaints: row.integer(7)),
            frozenAt: row.requiredTimestamp(8))
    }
}

extension ReadContext {
    /// Everything that was frozen of a month, oldest first: the billing of a period is the sum per domain.
    public func frozenEntries(of month: CalendarMonth) throws -> [FrozenEntry] {
        try transaction.query(
            "SELECT \(FrozenRow.columns) FROM frozen_counters WHERE month = ?1 ORDER BY id", [.integer(month.number)], FrozenRow.decode)
    }
}
