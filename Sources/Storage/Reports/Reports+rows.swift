import Database
import MailModel

extension Reports where Tx == Transaction {
    /// Writes what was counted, and the campaigns that began.
    func flush() throws {
        try tx.campaigns.flush()
        // On an engine with one writer no other node writes the same row.
        let slot = tx.sql.dialect.forUpdate.isEmpty ? 0 : ReportRow.slot
        let rows = try tx.reportCache.counts.drain(domainNames: domainNames)
        try add(rows, slot: slot)
    }

    private func domainNames(_ ids: Set<Int64>) throws -> [Int64: String] {
        let known = ids.compactMap { tx.domainCache.domain($0) }.map { ($0.id, $0.name.description) }
        let unknown = ids.subtracting(known.map(\.0))
        guard !unknown.isEmpty else { return Dictionary(uniqueKeysWithValues: known) }
        let found = try tx.sql.query(over: unknown.map { .integer($0) }, { "SELECT id, name FROM domains WHERE id IN (\($0))" }) {
            ($0.integer(0), $0.text(1))
        }
        return Dictionary(known + found, uniquingKeysWith: { first, _ in first })
    }

    /// Adds counts to their rows, in the order given.
    private func add(_ rows: [(key: ReportRow.Key, counts: ReportCounts)], slot: Int64) throws {
        var rest = rows[...]
        while !rest.isEmpty {
            // Powers of two: a few statements, each prepared once, serve every number of rows.
            var size = ReportRow.largestUpsert
            while size > rest.count { size /= 2 }
            try tx.sql.execute(ReportRow.upsert(rows: size), rest.prefix(size).flatMap { ReportRow.values($0.key, $0.counts, slot: slot) })
            rest = rest.dropFirst(size)
        }
    }

    /// Replaces rows of days of UTC that ended long ago by sums, one for each day.
    ///
    /// The sum of a day is stored at its noon, so that it counts for the same date in nearly every time zone. Only the rows that this
    /// transaction has deleted are added to it: each counts once, however many nodes do this at the same time.
    ///
    /// - Parameters:
    ///   - age: the least age of the days.
    ///   - limit: the largest number of rows deleted.
    /// - Returns: the number of rows deleted.
    func sumUp(olderThan age: Duration, limit: Int) throws -> Int {
        let end = (tx.now - age).day.start.quarterHour.number
        let old = try drain(before: end, limit: limit)
        let sums = Dictionary(old.map { ($0.key.ofDay, $0.counts) }, uniquingKeysWith: +)
        try add(sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, slot: ReportRow.daySlot)
        return old.count
    }

    /// Deletes the oldest rows and returns what they held.
    ///
    /// They are found by their quarter, up to that of the last one: for a key of several columns in an `IN`, SQLite looks up the first
    /// column alone and would read every row of a scope. `+ 0` keeps both engines from using the index of the key.
    private func drain(before quarter: Int64, limit: Int) throws -> [(key: ReportRow.Key, counts: ReportCounts)] {
        let last = try tx.sql.first(
            """
            SELECT MAX(w.quarter) FROM (
                SELECT quarter FROM report_counts WHERE slot >= 0 AND quarter < ?1 ORDER BY quarter LIMIT ?2) AS w
            """, [.integer(quarter), .integer(limit)]
        ) { $0.optionalInteger(0) }
        guard let last = last ?? nil else { return [] }
        return try tx.sql.query(
            """
            DELETE FROM report_counts WHERE slot >= 0 AND quarter <= ?1 AND (scope + 0, label, account_id, quarter, slot) IN (
                SELECT scope, label, account_id, quarter, slot FROM report_counts WHERE slot >= 0 AND quarter <= ?1 ORDER BY quarter LIMIT ?2)
            RETURNING scope, label, account_id, quarter, \(ReportRow.measures.joined(separator: ", "))
            """, [.integer(last), .integer(limit)]
        ) { (try ReportRow.key($0), ReportRow.counts($0, from: 4)) }
    }
}
