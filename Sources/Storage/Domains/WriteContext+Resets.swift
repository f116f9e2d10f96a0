import Database
import MailModel

extension WriteContext {
    /// How long into a month a call of `reset-monthly` is taken for the one of its beginning, when messages or the scheduler came before it.
    private static let daysToReport: Int64 = 7

    /// Does the next step of the reset of a kind that is under way; begins one where none is.
    ///
    /// - Parameter limit: how many domains, or frozen entries, it changes.
    /// - Returns: the reset as it is after the step.
    func advanceReset(_ kind: CounterReset.Kind, limit: Int) throws -> CounterReset {
        var reset = try openReset(kind) ?? beginReset(kind)
        if reset.isOutdated(at: now) { reset.restart(at: now) }
        if !reset.hasAllDomains {
            try passDomains(limit, in: &reset)
        } else if kind == .monthly {
            reset.hasAllEntries = try markUnreported(limit, by: reset) < limit
        }
        try update(reset)
        return reset
    }

    /// Ends a reset: from now on what it has frozen was reported.
    ///
    /// - Returns: false when another call has done so.
    func finish(_ reset: CounterReset) throws -> Bool {
        try transaction.execute(
            "UPDATE counter_resets SET finished_at = ?2 WHERE id = ?1 AND finished_at IS NULL", [.integer(reset.id), .timestamp(now)]) == 1
    }

    private func openReset(_ kind: CounterReset.Kind) throws -> CounterReset? {
        try transaction.first(
            """
            SELECT id, started_at, last_domain, has_all_domains, live_domains FROM counter_resets
            WHERE kind = ?1 AND finished_at IS NULL\(transaction.dialect.forUpdate)
            """, [.text(kind.rawValue)]
        ) { row in
            var reset = CounterReset(id: row.integer(0), kind: kind, startedAt: row.requiredTimestamp(1))
            reset.lastDomain = row.integer(2)
            reset.hasAllDomains = row.bool(3)
            reset.liveDomains = row.integer(4)
            return reset
        }
    }

    private func beginReset(_ kind: CounterReset.Kind) throws -> CounterReset {
        let id = try transaction.first(
            """
            INSERT INTO counter_resets (kind, started_at, last_domain, has_all_domains, live_domains) VALUES (?1, ?2, 0, 0, 0) RETURNING id
            """, [.text(kind.rawValue), .timestamp(now)]
        ) { $0.integer(0) }
        guard let id else { throw StorageError.malformed("counter_resets.id") }
        return CounterReset(id: id, kind: kind, startedAt: now)
    }

    private func update(_ reset: CounterReset) throws {
        try transaction.execute(
            "UPDATE counter_resets SET started_at = ?2, last_domain = ?3, has_all_domains = ?4, live_domains = ?5 WHERE id = ?1",
            [
                .integer(reset.id), .timestamp(reset.startedAt), .integer(reset.lastDomain), .bool(reset.hasAllDomains),
                .integer(reset.liveDomains),
            ])
    }

    private func passDomains(_ limit: Int, in reset: inout CounterReset) throws {
        guard let block = try domainBlock(after: reset.lastDomain, limit: limit) else { return reset.hasAllDomains = true }
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
                let ended = counters.roll(to: now)
                counters.startDay(now.day)
                return [ended].compactMap(\.self)
            }
        }
        try write(changes)
    }

    /// Freezes what the domains have counted. At the beginning of a month what ended by the calendar is the month that the call is about.
    private func startMonth(of domains: [SendingDomain], for reset: CounterReset) throws {
        let isBeginning = now.day.number - now.month.start.day.number < Self.daysToReport
        let rolled = try isBeginning ? unreportedDomains(among: domains) : []
        var changes = CounterChanges()
        for domain in domains {
            changes.change(domain) { counters in
                let ended = counters.roll(to: now)
                if rolled.contains(domain.id) || (isBeginning && ended != nil) { return [ended].compactMap(\.self) }
                return [ended, counters.startMonth(now.month, at: now)].compactMap(\.self)
            }
        }
        try write(changes, frozenBy: reset)
    }

    /// The domains of which a month that ended was frozen and not reported yet.
    private func unreportedDomains(among domains: [SendingDomain]) throws -> Set<Int64> {
        guard let first = domains.first?.id, let last = domains.last?.id else { return [] }
        return Set(
            try transaction.query(
                "SELECT DISTINCT domain_id FROM frozen_counters WHERE reported = 0 AND domain_id >= ?1 AND domain_id <= ?2 AND month < ?3",
                [.integer(first), .integer(last), .integer(now.month.number)]
            ) { $0.integer(0) })
    }

    /// Marks entries that no call has reported as this one's: what was frozen by messages, by the scheduler, and with a change of owner.
    ///
    /// - Returns: how many there were.
    private func markUnreported(_ limit: Int, by reset: CounterReset) throws -> Int {
        try transaction.execute(
            """
            UPDATE frozen_counters SET reported = 1, reset_id = ?1 WHERE reported = 0 AND id IN (
                SELECT id FROM frozen_counters WHERE reported = 0 ORDER BY domain_id LIMIT ?2)
            """, [.integer(reset.id), .integer(limit)])
    }
}
