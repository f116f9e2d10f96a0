import Database
import MailModel

/// The domains that a step changes.
struct DomainBlock {
    /// In their order; never empty.
    var ids: [Int64]
    /// No domain comes behind it.
    var isLast: Bool

    /// The id of its last domain.
    var end: Int64 { ids[ids.count - 1] }
}

/// What a step changes in the counters of domains, and what it freezes of them.
struct CounterChanges {
    private(set) var changed: [SendingDomain] = []
    private(set) var frozen: [(counters: FrozenCounters, domain: SendingDomain)] = []

    /// - Parameter change: returns what is to be frozen.
    mutating func change(_ domain: SendingDomain, _ change: (inout OutboundCounters) -> [FrozenCounters]) {
        var domain = domain
        let before = domain.counters
        frozen += change(&domain.counters).map { ($0, domain) }
        if domain.counters != before { changed.append(domain) }
    }
}

// Domains are read, locked and written block by block, each with a few statements: a statement for each domain would hold the locks for as
// many journeys to the server.

extension WriteContext {
    /// Which domains have counts: all that are live, and the deleted ones while they have something to be billed.
    private static let areCounted = "(deleted_at IS NULL OR sent_month > 0 OR bounces > 0 OR complaints > 0)"

    /// The next domains in the order of their ids; `nil` when there are none. Nothing is locked yet, so that what changes while a lock is
    /// waited for makes no block look like the last one.
    func domainBlock(after id: Int64, limit: Int) throws -> DomainBlock? {
        try block("id > ?1 AND \(Self.areCounted)", [.integer(id), .integer(limit)], limit)
    }

    private func block(_ condition: String, _ arguments: [DatabaseValue], _ limit: Int) throws -> DomainBlock? {
        let ids = try transaction.query("SELECT id FROM domains WHERE \(condition) ORDER BY id LIMIT ?2", arguments) { $0.integer(0) }
        return ids.isEmpty ? nil : DomainBlock(ids: ids, isLast: ids.count < limit)
    }

    /// Reads domains for changing, as they are in their rows, in the order of their ids.
    func lockDomains(of block: DomainBlock) throws -> [SendingDomain] {
        let lock = transaction.dialect.forUpdate
        return try transaction.query(
            over: block.ids.map { .integer($0) },
            { "SELECT \(DomainRow.selected) FROM domains WHERE id IN (\($0)) AND \(Self.areCounted) ORDER BY id\(lock)" },
            DomainRow.decode
        ).map(backFromFuture)
    }

    /// Writes a domain anew that a clock ahead has rolled, as ``keep(_:)`` does. There are few.
    private func backFromFuture(_ row: SendingDomain) throws -> SendingDomain {
        guard row.counters.day > now.day || row.counters.month > now.month else { return row }
        var domain = row
        _ = try roll(&domain)
        if domain != row { try update(domain) }
        return domain
    }

    /// Brings domains that still count in an earlier day or month into the present, and freezes the months that ended.
    ///
    /// - Returns: the id of the last domain looked at; `nil` when no further one is in the past.
    func rollDomains(after id: Int64, limit: Int) throws -> Int64? {
        let block = try block(
            "id > ?1 AND (day < ?3 OR month < ?4) AND \(Self.areCounted)",
            [.integer(id), .integer(limit), .integer(now.day.number), .integer(now.month.number)], limit)
        guard let block else { return nil }
        var changes = CounterChanges()
        for domain in try lockDomains(of: block) {
            changes.change(domain) { [$0.roll(to: now)].compactMap(\.self) }
        }
        try write(changes)
        return block.isLast ? nil : block.end
    }

    /// Writes the counters of domains, whose rows are locked, and what was frozen of them.
    ///
    /// - Parameter reset: the call that reports what was frozen; `nil` where it is left to the next one.
    func write(_ changes: CounterChanges, frozenBy reset: CounterReset? = nil) throws {
        try freeze(changes.frozen, by: reset)
        try transaction.execute(overRows: changes.changed.map(CounterRow.values), CounterRow.updateStatement)
    }

    private func freeze(_ frozen: [(counters: FrozenCounters, domain: SendingDomain)], by reset: CounterReset?) throws {
        guard !frozen.isEmpty else { return }
        let references = try accountReferences(ofAccounts: Set(frozen.map(\.domain.accountID)))
        for (counters, domain) in frozen {
            guard let reference = references[domain.accountID] else { throw StorageError.malformed("domains.account_id") }
            try transaction.add(
                FrozenRow.values(counters, of: domain, reference: reference, at: now, resetID: reset?.id),
                by: reset == nil ? FrozenRow.unreported : FrozenRow.reported)
        }
    }

    private func accountReferences(ofAccounts ids: Set<Int64>) throws -> [Int64: String] {
        let found = try transaction.query(
            over: ids.map { .integer($0) }, { "SELECT id, reference FROM accounts WHERE id IN (\($0))" }
        ) { ($0.integer(0), $0.text(1)) }
        return Dictionary(uniqueKeysWithValues: found)
    }
}

/// How the counters of many domains are written at once.
private enum CounterRow {
    /// In the statement's list of values −1 stands for NULL, which has no type there; no count is negative.
    private static let columns = [
        "day", "sent_today", "history", "month", "sent_month", "bounces", "complaints", "reactivated_sent", "reactivated_bounces",
        "closed_periods", "period_started_at", "late_bounces",
    ]
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

    /// - Parameter tuples: the values row by row. Their range keeps an engine from reading all domains.
    static func updateStatement(_ tuples: String) -> String {
        let assignments = columns.map { optional.contains($0) ? "\($0) = NULLIF(v.\($0), -1)" : "\($0) = v.\($0)" }
        return """
            WITH v (id, \(columns.joined(separator: ", "))) AS (VALUES \(tuples))
            UPDATE domains SET \(assignments.joined(separator: ", ")) FROM v
            WHERE domains.id = v.id AND domains.id >= (SELECT MIN(id) FROM v) AND domains.id <= (SELECT MAX(id) FROM v)
            """
    }
}
