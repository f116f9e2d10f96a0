import Database
import MailModel

/// A call of `reset-daily` or `reset-monthly`, which goes through all domains in steps (specification 3.6).
///
/// Its progress is stored in the database: a call that was interrupted is continued by the next one of its kind, on any node.
package struct CounterReset: Sendable, Equatable {
    /// The period whose counts are reset.
    package enum Kind: String, Sendable, CaseIterable {
        case daily, monthly
    }

    /// The id of its row.
    package let id: Int64
    /// The period that it resets.
    package let kind: Kind
    /// When it began, or was last restarted.
    var startedAt: Timestamp
    /// The id of the last domain that was reset; 0 before the first one.
    var lastDomain: Int64 = 0
    /// Whether all domains were reset.
    var hasAllDomains = false
    /// How many live domains were reset.
    package internal(set) var liveDomains: Int64 = 0
    /// The id of the last account that was reset; 0 before the first one.
    var lastAccount: Int64 = 0
    /// Whether all accounts were reset, which follow the domains.
    var hasAllAccounts = false
    /// Whether all entries that it reports are marked as its own.
    var hasAllEntries = false

    init(id: Int64, kind: Kind, startedAt: Timestamp) {
        self.id = id
        self.kind = kind
        self.startedAt = startedAt
    }

    /// Whether it only has to be finished.
    var isComplete: Bool { hasAllDomains && hasAllAccounts && (hasAllEntries || kind == .daily) }

    /// Whether its day or month is over, so that it has to be restarted for the present one.
    func isOutdated(at time: Timestamp) -> Bool {
        switch kind {
        case .daily: startedAt.day != time.day
        case .monthly: startedAt.month != time.month
        }
    }

    /// Restarts with the first domain.
    ///
    /// The entries that it has frozen stay its own.
    mutating func restart(at time: Timestamp) {
        startedAt = time
        lastDomain = 0
        hasAllDomains = false
        liveDomains = 0
        lastAccount = 0
        hasAllAccounts = false
    }
}

extension Counters where Tx == Transaction {
    /// How long into a month a call of `reset-monthly` still is the one of its beginning, when messages or the scheduler came before it.
    static var daysToReport: Int64 { 7 }

    /// Runs the next step of the unfinished reset of a kind; begins a reset where there is none.
    ///
    /// - Parameters:
    ///   - limit: how many domains, or frozen entries, the step changes at most.
    ///   - actor: who resets, for the audit log.
    /// - Returns: the reset after the step.
    func advanceReset(_ kind: CounterReset.Kind, limit: Int, by actor: AuditActor) throws -> CounterReset {
        var reset = try openReset(kind) ?? beginReset(kind, by: actor)
        if reset.isOutdated(at: tx.now) { reset.restart(at: tx.now) }
        if !reset.hasAllDomains {
            try resetBlock(limit, in: &reset)
        } else if !reset.hasAllAccounts {
            try resetAccounts(limit, in: &reset)
        } else if kind == .monthly {
            reset.hasAllEntries = try markUnreported(limit, by: reset) < limit
        }
        try update(reset)
        return reset
    }

    /// Finishes a reset: its entries were reported.
    ///
    /// - Returns: false when another call has finished it.
    func finish(_ reset: CounterReset) throws -> Bool {
        try tx.sql.execute(
            "UPDATE counter_resets SET finished_at = ?2 WHERE id = ?1 AND finished_at IS NULL",
            [.integer(reset.id), .timestamp(tx.now)]) == 1
    }

    private func openReset(_ kind: CounterReset.Kind) throws -> CounterReset? {
        try tx.sql.first(
            """
            SELECT id, started_at, last_domain, has_all_domains, live_domains, last_account, has_all_accounts FROM counter_resets
            WHERE kind = ?1 AND finished_at IS NULL\(tx.sql.dialect.forUpdate)
            """, [.text(kind.rawValue)]
        ) { row in
            var reset = CounterReset(id: row.integer(0), kind: kind, startedAt: row.requiredTimestamp(1))
            reset.lastDomain = row.integer(2)
            reset.hasAllDomains = row.bool(3)
            reset.liveDomains = row.integer(4)
            reset.lastAccount = row.integer(5)
            reset.hasAllAccounts = row.bool(6)
            return reset
        }
    }

    private func beginReset(_ kind: CounterReset.Kind, by actor: AuditActor) throws -> CounterReset {
        try tx.audit.insert(
            AuditChange(kind == .daily ? .countersResetDaily : .countersResetMonthly, target: .counters(kind.rawValue), account: nil),
            by: actor)
        let id = try tx.sql.first(
            """
            INSERT INTO counter_resets (kind, started_at, last_domain, has_all_domains, live_domains) VALUES (?1, ?2, 0, 0, 0) RETURNING id
            """, [.text(kind.rawValue), .timestamp(tx.now)]
        ) { $0.integer(0) }
        guard let id else { throw StorageError.malformed("counter_resets.id") }
        return CounterReset(id: id, kind: kind, startedAt: tx.now)
    }

    private func update(_ reset: CounterReset) throws {
        try tx.sql.execute(
            """
            UPDATE counter_resets SET started_at = ?2, last_domain = ?3, has_all_domains = ?4, live_domains = ?5, last_account = ?6,
                has_all_accounts = ?7 WHERE id = ?1
            """,
            [
                .integer(reset.id), .timestamp(reset.startedAt), .integer(reset.lastDomain), .bool(reset.hasAllDomains),
                .integer(reset.liveDomains), .integer(reset.lastAccount), .bool(reset.hasAllAccounts),
            ])
    }

    private func resetBlock(_ limit: Int, in reset: inout CounterReset) throws {
        guard let block = try block(after: reset.lastDomain, limit: limit) else { return reset.hasAllDomains = true }
        let domains = try lockDomains(of: block)
        switch reset.kind {
        case .daily: try startDay(of: domains)
        case .monthly: try startMonth(of: domains, for: reset)
        }
        reset.lastDomain = block.end
        reset.liveDomains += Int64(domains.count { $0.deletedAt == nil })
        reset.hasAllDomains = block.isLast
    }

    private func startDay(of domains: [SendingDomain]) throws {
        var changes = CounterChanges()
        for domain in domains {
            changes.change(domain) { counters in
                let ended = counters.roll(to: tx.now)
                counters.startDay(tx.now.day)
                return [ended].compactMap(\.self)
            }
        }
        try write(changes)
    }

    /// Freezes the months of domains and begins new ones.
    ///
    /// At the beginning of a month the call is about the month that ended by the calendar: a domain whose month was frozen since then, and
    /// not reported yet, keeps what it has counted in the new one.
    private func startMonth(of domains: [SendingDomain], for reset: CounterReset) throws {
        let isBeginning = tx.now.day.number - tx.now.month.start.day.number < Self.daysToReport
        let rolled = try isBeginning ? unreportedDomains(among: domains) : []
        var changes = CounterChanges()
        for domain in domains {
            changes.change(domain) { counters in
                let ended = counters.roll(to: tx.now)
                if rolled.contains(domain.id) || (isBeginning && ended != nil) { return [ended].compactMap(\.self) }
                return [ended, counters.startMonth(tx.now.month, at: tx.now)].compactMap(\.self)
            }
        }
        try write(changes, frozenBy: reset)
    }

    /// Returns the ids of the domains that have frozen entries of an earlier month which were not reported yet.
    private func unreportedDomains(among domains: [SendingDomain]) throws -> Set<Int64> {
        guard let first = domains.first?.id, let last = domains.last?.id else { return [] }
        return Set(
            try tx.sql.query(
                "SELECT DISTINCT domain_id FROM frozen_counters WHERE reported = 0 AND domain_id >= ?1 AND domain_id <= ?2 AND month < ?3",
                [.integer(first), .integer(last), .integer(tx.now.month.number)]
            ) { $0.integer(0) })
    }

    /// Marks unreported entries as those of a reset: entries frozen by messages, by the scheduler, and by a change of owner.
    ///
    /// - Returns: how many were marked.
    private func markUnreported(_ limit: Int, by reset: CounterReset) throws -> Int {
        try tx.sql.execute(
            """
            UPDATE frozen_counters SET reported = 1, reset_id = ?1 WHERE reported = 0 AND id IN (
                SELECT id FROM frozen_counters WHERE reported = 0 ORDER BY domain_id LIMIT ?2)
            """, [.integer(reset.id), .integer(limit)])
    }
}
