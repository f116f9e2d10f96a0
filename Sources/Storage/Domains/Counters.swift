import Database
package import MailModel

extension ReadableTransaction {
    /// The counters of domains and what was frozen of them.
    package var counters: Counters<Self> { Counters(tx: self) }
}

/// The counters of domains over days and months: rolling them to the present period, resetting them, and the frozen entries that bills are
/// made of (specification 3.5, 3.6).
///
/// A frozen entry is reported by exactly one call of `reset-monthly`; the bill of a month is the sum of its entries, reported or not.
package struct Counters<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Counters {
    /// Returns all frozen entries of a month, oldest first: the bill of a domain is the sum of its entries.
    package func listFrozen(of month: CalendarMonth) throws -> [FrozenEntry] {
        try tx.sql.query(
            "SELECT \(FrozenRow.columns) FROM frozen_counters WHERE month = ?1 ORDER BY id", [.integer(month.number)]
        ) { FrozenRow.decode($0) }
    }

    /// Returns the entries that a call of `reset-monthly` reports, oldest first.
    ///
    /// - Parameter after: only entries newer than the one of this id.
    func listFrozen(by reset: CounterReset, after id: Int64, limit: Int) throws -> [(id: Int64, entry: FrozenEntry)] {
        try tx.sql.query(
            "SELECT id, \(FrozenRow.columns) FROM frozen_counters WHERE reset_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            [.integer(reset.id), .integer(id), .integer(limit)]
        ) { ($0.integer(0), FrozenRow.decode($0, from: 1)) }
    }
}

extension Counters where Tx == Transaction {
    /// Inserts the counts of a domain's period for the bill of the account that owns it.
    ///
    /// The next call of `reset-monthly` reports them.
    func freeze(_ counters: FrozenCounters, of domain: SendingDomain) throws {
        try tx.sql.execute(
            """
            INSERT INTO frozen_counters
                (domain_id, name, account_reference, month, sent, monthly_limit, bounces, complaints, frozen_at, reported)
            SELECT ?1, ?2, reference, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM accounts WHERE id = ?10
            """,
            [
                .integer(domain.id), .text(domain.name.description), .integer(counters.month.number), .integer(counters.sent),
                .integer(domain.outbound.monthlyLimit), .integer(counters.bounces), .integer(counters.complaints), .timestamp(tx.now),
                .bool(false), .integer(domain.accountID),
            ])
    }

    /// Rolls a domain's counters to the present day and month.
    ///
    /// Where they come back from a later month, what was frozen of it is undone.
    ///
    /// - Returns: the month that ended, for the bill; `nil` when none did.
    func roll(_ domain: inout SendingDomain) throws -> FrozenCounters? {
        let month = domain.counters.month
        let frozen = domain.counters.roll(to: tx.now)
        if domain.counters.month < month { try undoFreezes(of: &domain) }
        return frozen
    }

    /// Deletes the entries that a clock ahead has frozen of a domain, and adds their counts to the present period.
    ///
    /// Entries that were reported stay: the bill of a month is the sum of its entries.
    private func undoFreezes(of domain: inout SendingDomain) throws {
        let frozen = try tx.sql.query(
            """
            DELETE FROM frozen_counters
            WHERE domain_id = ?1 AND reported = 0 AND month >= ?2 AND frozen_at > ?3
                AND account_reference = (SELECT reference FROM accounts WHERE id = ?4)
            RETURNING \(FrozenRow.columns)
            """,
            [
                .integer(domain.id), .integer(tx.now.month.number), .timestamp(tx.now + OutboundCounters.tolerance),
                .integer(domain.accountID),
            ]
        ) { FrozenRow.decode($0) }
        for entry in frozen { domain.counters.undo(entry.counters) }
    }
}

/// The row of a frozen entry.
enum FrozenRow {
    static let columns = "domain_id, name, account_reference, month, sent, monthly_limit, bounces, complaints, frozen_at"
    private static let written = columns.split(separator: ", ").map(String.init) + ["reported"]
    /// Inserts entries that the next call of `reset-monthly` reports.
    static let unreported = Insertion(into: "frozen_counters", written)
    /// Inserts entries that a call under way reports.
    static let reported = Insertion(into: "frozen_counters", written + ["reset_id"])

    /// - Parameter first: the position of `domain_id` in the row.
    static func decode(_ row: any DatabaseRow, from first: Int = 0) -> FrozenEntry {
        FrozenEntry(
            domainID: row.integer(first), name: DomainName(validated: row.text(first + 1)), accountReference: row.text(first + 2),
            monthlyLimit: row.integer(first + 5),
            counters: FrozenCounters(
                month: CalendarMonth(number: row.integer(first + 3)), sent: row.integer(first + 4), bounces: row.integer(first + 6),
                complaints: row.integer(first + 7)),
            frozenAt: row.requiredTimestamp(first + 8))
    }

    /// The values of ``unreported``, or of ``reported`` where a reset reports the entry.
    static func values(
        _ counters: FrozenCounters, of domain: SendingDomain, reference: String, at time: Timestamp, resetID: Int64?
    ) -> [DatabaseValue] {
        [
            .integer(domain.id), .text(domain.name.description), .text(reference), .integer(counters.month.number), .integer(counters.sent),
            .integer(domain.outbound.monthlyLimit), .integer(counters.bounces), .integer(counters.complaints), .timestamp(time),
            .bool(resetID != nil),
        ] + (resetID.map { [.integer($0)] } ?? [])
    }
}
