import Database
package import MailModel

/// How a frozen month lies in its row.
enum FrozenRow {
    static let columns = "domain_id, name, account_reference, month, sent, monthly_limit, bounces, complaints, frozen_at"
    private static let written = columns.split(separator: ", ").map(String.init) + ["reported"]
    static let unreported = Insertion(into: "frozen_counters", written)
    static let reported = Insertion(into: "frozen_counters", written + ["reset_id"])

    /// - Parameter first: the column that `domain_id` is.
    static func decode(_ row: any DatabaseRow, from first: Int = 0) -> FrozenEntry {
        FrozenEntry(
            domainID: row.integer(first), name: DomainName(validated: row.text(first + 1)), accountReference: row.text(first + 2),
            monthlyLimit: row.integer(first + 5),
            counters: FrozenCounters(
                month: CalendarMonth(number: row.integer(first + 3)), sent: row.integer(first + 4), bounces: row.integer(first + 6),
                complaints: row.integer(first + 7)),
            frozenAt: row.requiredTimestamp(first + 8))
    }

    /// The values of ``unreported``, or of ``reported`` where there is a reset that reports the entry.
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

extension ReadContext {
    /// Everything that was frozen of a month, oldest first: the billing of a period is the sum per domain.
    package func frozenEntries(of month: CalendarMonth) throws -> [FrozenEntry] {
        try transaction.query(
            "SELECT \(FrozenRow.columns) FROM frozen_counters WHERE month = ?1 ORDER BY id", [.integer(month.number)]
        ) { FrozenRow.decode($0) }
    }

    /// What a call of `reset-monthly` reports, oldest first.
    ///
    /// - Parameter after: begin behind the entry of this id.
    func frozenEntries(by reset: CounterReset, after id: Int64, limit: Int) throws -> [(id: Int64, entry: FrozenEntry)] {
        try transaction.query(
            "SELECT id, \(FrozenRow.columns) FROM frozen_counters WHERE reset_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
            [.integer(reset.id), .integer(id), .integer(limit)]
        ) { ($0.integer(0), FrozenRow.decode($0, from: 1)) }
    }
}

extension WriteContext {
    /// Keeps what a domain has counted in a period, for the bill of the account that owns it. The next call of `reset-monthly` reports it.
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

    /// Brings a domain's counters into the present day and month. Where they come back from a later month, so does what was frozen of it.
    ///
    /// - Returns: the month that ended, for the bill, when one did.
    func roll(_ domain: inout SendingDomain) throws -> FrozenCounters? {
        let month = domain.counters.month
        let frozen = domain.counters.roll(to: now)
        if domain.counters.month < month { try undoFreezes(of: &domain) }
        return frozen
    }

    /// Takes back what a clock ahead has frozen of a domain whose counters came back from a later month. What somebody was told already stays
    /// frozen: the bill of a month is the sum of its freezes.
    private func undoFreezes(of domain: inout SendingDomain) throws {
        let frozen = try transaction.query(
            """
            DELETE FROM frozen_counters
            WHERE domain_id = ?1 AND reported = 0 AND month >= ?2 AND frozen_at > ?3
                AND account_reference = (SELECT reference FROM accounts WHERE id = ?4)
            RETURNING \(FrozenRow.columns)
            """,
            [
                .integer(domain.id), .integer(now.month.number), .timestamp(now + OutboundCounters.tolerance), .integer(domain.accountID),
            ]
        ) { FrozenRow.decode($0) }
        for entry in frozen { domain.counters.undo(entry.counters) }
    }
}
