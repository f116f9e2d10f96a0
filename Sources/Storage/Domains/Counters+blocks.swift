import Database
import MailModel

// Domains are read, locked and written in blocks, each with a few statements: with a statement for each domain the locks would be held for
// as many round trips to the server.

/// The ids of the domains that one step changes, in their order; never empty.
struct DomainBlock {
    var ids: [Int64]
    /// Whether no domain follows.
    var isLast: Bool

    /// The id of the last domain of the block.
    var end: Int64 { ids[ids.count - 1] }
}

/// The changes of one step to the counters of domains, and the entries that it freezes.
struct CounterChanges {
    private(set) var changed: [SendingDomain] = []
    private(set) var frozen: [(counters: FrozenCounters, domain: SendingDomain)] = []

    /// Changes the counters of a domain, and notes whether they are to be written.
    ///
    /// - Parameter change: returns the counts to freeze.
    mutating func change(_ domain: SendingDomain, _ change: (inout OutboundCounters) -> [FrozenCounters]) {
        var domain = domain
        let before = domain.counters
        frozen += change(&domain.counters).map { ($0, domain) }
        if domain.counters != before { changed.append(domain) }
    }
}

extension Counters where Tx == Transaction {
    /// Returns the next domains in the order of their ids; `nil` when there are none.
    ///
    /// Nothing is locked yet: domains that change while a lock is waited for must not make a block look like the last one.
    func block(after id: Int64, limit: Int) throws -> DomainBlock? {
        try block("id > ?1 AND \(CounterRow.isCounted)", [.integer(id), .integer(limit)], limit)
    }

    private func block(_ condition: String, _ arguments: [DatabaseValue], _ limit: Int) throws -> DomainBlock? {
        let ids = try tx.sql.query("SELECT id FROM domains WHERE \(condition) ORDER BY id LIMIT ?2", arguments) { $0.integer(0) }
        return ids.isEmpty ? nil : DomainBlock(ids: ids, isLast: ids.count < limit)
    }

    /// Locks the domains of a block and returns them as they are in their rows, in the order of their ids.
    func lockDomains(of block: DomainBlock) throws -> [SendingDomain] {
        let lock = tx.sql.dialect.forUpdate
        return try tx.sql.query(
            over: block.ids.map { .integer($0) },
            { "SELECT \(DomainRow.selected) FROM domains WHERE id IN (\($0)) AND \(CounterRow.isCounted) ORDER BY id\(lock)" },
            DomainRow.decode
        ).map(returnedFromFuture)
    }

    /// Rolls and writes a domain whose counters a clock ahead has rolled, as ``Domains/store(_:)`` does.
    ///
    /// There are few.
    private func returnedFromFuture(_ row: SendingDomain) throws -> SendingDomain {
        guard row.counters.day > tx.now.day || row.counters.month > tx.now.month else { return row }
        var domain = row
        _ = try roll(&domain)
        if domain != row { try tx.domains.write(domain) }
        return domain
    }

    /// Rolls the next domains whose counters are of an earlier day or month, and freezes the months that ended.
    ///
    /// - Returns: the id of the last domain of the step; `nil` when no further one has to be rolled.
    func rollBlock(after id: Int64, limit: Int) throws -> Int64? {
        let block = try block(
            "id > ?1 AND (day < ?3 OR month < ?4) AND \(CounterRow.isCounted)",
            [.integer(id), .integer(limit), .integer(tx.now.day.number), .integer(tx.now.month.number)], limit)
        guard let block else { return nil }
        var changes = CounterChanges()
        for domain in try lockDomains(of: block) {
            changes.change(domain) { [$0.roll(to: tx.now)].compactMap(\.self) }
        }
        try write(changes)
        return block.isLast ? nil : block.end
    }

    /// Writes the counters of domains, whose rows are locked, and the frozen entries.
    ///
    /// - Parameter reset: the reset that reports the entries; `nil` where the next one does.
    func write(_ changes: CounterChanges, frozenBy reset: CounterReset? = nil) throws {
        try freeze(changes.frozen, by: reset)
        try tx.sql.execute(overRows: changes.changed.map(CounterRow.values), CounterRow.updateStatement)
    }

    private func freeze(_ frozen: [(counters: FrozenCounters, domain: SendingDomain)], by reset: CounterReset?) throws {
        guard !frozen.isEmpty else { return }
        let references = try accountReferences(Set(frozen.map(\.domain.accountID)))
        for (counters, domain) in frozen {
            guard let reference = references[domain.accountID] else { throw StorageError.malformed("domains.account_id") }
            try tx.sql.add(
                FrozenRow.values(counters, of: domain, reference: reference, at: tx.now, resetID: reset?.id),
                by: reset == nil ? FrozenRow.unreported : FrozenRow.reported)
        }
    }

    private func accountReferences(_ ids: Set<Int64>) throws -> [Int64: String] {
        let found = try tx.sql.query(
            over: ids.map { .integer($0) }, { "SELECT id, reference FROM accounts WHERE id IN (\($0))" }
        ) { ($0.integer(0), $0.text(1)) }
        return Dictionary(uniqueKeysWithValues: found)
    }
}

/// The counters in the rows of domains, as many rows are written at once.
private enum CounterRow {
    /// The condition for domains whose counters matter: all live ones, and deleted ones that still have counts to be billed.
    static let isCounted = "(deleted_at IS NULL OR sent_month > 0 OR bounces > 0 OR complaints > 0)"

    private static let columns = [
        "day", "sent_today", "history", "month", "sent_month", "bounces", "complaints", "reactivated_sent", "reactivated_bounces",
        "closed_periods", "period_started_at", "late_bounces",
    ]
    /// In the statement's list of values −1 represents NULL, which has no type there; no count is negative.
    private static let optional: Set = ["reactivated_sent", "reactivated_bounces", "period_started_at"]

    static func values(_ domain: SendingDomain) -> [DatabaseValue] {
        let counters = domain.counters
        return [
            .integer(domain.id), .integer(counters.day.number), .integer(counters.sentToday), .text(counters.history.stored),
            .integer(counters.month.number), .integer(counters.sentThisMonth), .integer(counters.bounces), .integer(counters.complaints),
            .integer(counters.reactivation?.sent ?? -1), .integer(counters.reactivation?.bounces ?? -1),
            .text(counters.storedClosedPeriods), .integer(counters.periodStartedAt?.milliseconds ?? -1), .integer(counters.lateBounces),
        ]
    }

    /// - Parameter tuples: the values row by row. The range of their ids keeps an engine from scanning all domains.
    static func updateStatement(_ tuples: String) -> String {
        let assignments = columns.map { optional.contains($0) ? "\($0) = NULLIF(v.\($0), -1)" : "\($0) = v.\($0)" }
        return """
            WITH v (id, \(columns.joined(separator: ", "))) AS (VALUES \(tuples))
            UPDATE domains SET \(assignments.joined(separator: ", ")) FROM v
            WHERE domains.id = v.id AND domains.id >= (SELECT MIN(id) FROM v) AND domains.id <= (SELECT MAX(id) FROM v)
            """
    }
}
