import Database
package import MailModel

extension ReadableTransaction {
    /// The daily usage of accounts.
    package var usage: UsageDays<Self> { UsageDays(tx: self) }
}

/// What was sent, refused and came back, by account, day and domain or single sender (specification 3.15).
///
/// A ``Transaction`` adds up its counts and writes them when it ends, all in one statement. Rows stay for bills.
package struct UsageDays<Tx: ReadableTransaction> {
    let tx: Tx
}

/// The usage that a transaction has not written yet.
struct UsageCache {
    /// The key of a row.
    ///
    /// Domain 0 is a single sender's; a domain's rows have no sender.
    struct Row: Hashable, Comparable {
        var accountID: Int64
        var day: Int64
        var domainID: Int64
        var sender: String

        static func < (lhs: Row, rhs: Row) -> Bool {
            (lhs.accountID, lhs.day, lhs.domainID, lhs.sender) < (rhs.accountID, rhs.day, rhs.domainID, rhs.sender)
        }
    }

    private var counts: [Row: UsageCounts] = [:]

    mutating func add(_ added: UsageCounts, to row: Row) {
        guard !added.isEmpty else { return }
        counts[row, default: UsageCounts()] += added
    }

    /// Removes and returns all counts, in the order in which all nodes write them.
    mutating func drain() -> [(row: Row, counts: UsageCounts)] {
        defer { counts.removeAll(keepingCapacity: true) }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }.filter { !$0.1.isEmpty }
    }
}

extension UsageSource {
    /// What an email was charged to.
    static func charged(_ email: EmailState) -> UsageSource {
        email.domainID.map { .domain($0) } ?? .sender(email.sender)
    }
}

extension UsageDays {
    /// Returns the usage of days, by day and then by account and domain; single senders behind domains.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - domain: only that of this name, of live and deleted domains; `nil` for all.
    ///   - limit: the most entries.
    package func list(
        of accountID: Int64?, domain: DomainName?, days: ClosedRange<CalendarDay>, limit: Int
    ) throws -> [UsageEntry] {
        var arguments: [DatabaseValue] = [.integer(days.lowerBound.number), .integer(days.upperBound.number), .integer(limit)]
        var conditions = ""
        if let accountID {
            arguments.append(.integer(accountID))
            conditions += " AND u.account_id = ?\(arguments.count)"
        }
        if let domain {
            arguments.append(.text(domain.description))
            conditions += " AND d.name = ?\(arguments.count)"
        }
        return try tx.sql.query(
            """
            SELECT u.day, a.reference, d.name, u.sender, CAST(SUM(u.sent) AS BIGINT), CAST(SUM(u.refused) AS BIGINT),
                CAST(SUM(u.bounces) AS BIGINT), CAST(SUM(u.complaints) AS BIGINT)
            FROM usage_days u JOIN accounts a ON a.id = u.account_id LEFT JOIN domains d ON d.id = u.domain_id
            WHERE u.day >= ?1 AND u.day <= ?2\(conditions)
            GROUP BY u.day, a.reference, d.name, u.sender
            ORDER BY u.day, a.reference, CASE WHEN d.name IS NULL THEN 1 ELSE 0 END, d.name, u.sender LIMIT ?3
            """, arguments, UsageEntry.init(row:))
    }
}

extension UsageEntry {
    fileprivate init(row: any DatabaseRow) {
        let sender = row.text(3)
        self.init(
            day: CalendarDay(number: row.integer(0)), accountReference: row.text(1),
            domain: row.optionalText(2).map { DomainName(validated: $0) },
            sender: sender.isEmpty ? nil : EmailAddress(validated: sender),
            counts: UsageCounts(sent: row.integer(4), refused: row.integer(5), bounces: row.integer(6), complaints: row.integer(7)))
    }
}

extension UsageDays where Tx == Transaction {
    /// Adds to the usage of the present day.
    ///
    /// It is written when the transaction ends.
    package func count(_ counts: UsageCounts, of source: UsageSource, accountID: Int64) {
        count(counts, of: source, accountID: accountID, on: tx.now.day)
    }

    func count(_ counts: UsageCounts, of source: UsageSource, accountID: Int64, on day: CalendarDay) {
        var row = UsageCache.Row(accountID: accountID, day: day.number, domainID: 0, sender: "")
        switch source {
        case .domain(let id): row.domainID = id
        case .sender(let address): row.sender = address.description
        }
        tx.usageCache.add(counts, to: row)
    }

    /// Writes the counts of this transaction, in the order of the keys.
    func flush() throws {
        var rest = tx.usageCache.drain()[...]
        while !rest.isEmpty {
            // Powers of two: a few statements, each prepared once, serve every number of rows.
            var size = UsageRow.largestUpsert
            while size > rest.count { size /= 2 }
            try tx.sql.execute(UsageRow.upsert(rows: size), rest.prefix(size).flatMap { UsageRow.values($0.row, $0.counts) })
            rest = rest.dropFirst(size)
        }
    }
}

/// The row of a day's usage.
private enum UsageRow {
    /// The most rows of one statement: a power of two.
    static let largestUpsert = 64
    private static let width = 8

    static func values(_ row: UsageCache.Row, _ counts: UsageCounts) -> [DatabaseValue] {
        [
            .integer(row.accountID), .integer(row.day), .integer(row.domainID), .text(row.sender), .integer(counts.sent),
            .integer(counts.refused), .integer(counts.bounces), .integer(counts.complaints),
        ]
    }

    /// The statement that adds counts to rows, or inserts those that do not exist.
    ///
    /// - Parameter rows: a power of two up to ``largestUpsert``.
    static func upsert(rows: Int) -> String {
        upserts[rows.trailingZeroBitCount]
    }

    private static let upserts: [String] = (0...largestUpsert.trailingZeroBitCount).map { power in
        let tuples = (0..<(1 << power)).map { row in
            "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")"
        }
        return """
            INSERT INTO usage_days (account_id, day, domain_id, sender, sent, refused, bounces, complaints)
            VALUES \(tuples.joined(separator: ", "))
            ON CONFLICT (account_id, day, domain_id, sender) DO UPDATE SET sent = usage_days.sent + excluded.sent,
                refused = usage_days.refused + excluded.refused, bounces = usage_days.bounces + excluded.bounces,
                complaints = usage_days.complaints + excluded.complaints
            """
    }
}
