import Database
import MailModel

extension WriteContext {
    /// How many rows one statement takes at the most.
    private static let largestStatement = 32

    /// Adds counts to their rows, in the order given.
    func addReports(_ rows: [(key: ReportRow.Key, counts: ReportCounts)], slot: Int64) throws {
        var rest = rows[...]
        while !rest.isEmpty {
            // Powers of two: a few statements, each prepared once, serve every number.
            var size = Self.largestStatement
            while size > rest.count { size /= 2 }
            try transaction.execute(Self.statement(rows: size), rest.prefix(size).flatMap { Self.values($0.key, $0.counts, slot) })
            rest = rest.dropFirst(size)
        }
    }

    private static func values(_ key: ReportRow.Key, _ counts: ReportCounts, _ slot: Int64) -> [DatabaseValue] {
        [.integer(key.scope.rawValue), .text(key.label), .integer(key.accountID), .integer(key.quarter), .integer(slot)]
            + ReportMeasure.allCases.map { .integer(counts[$0]) }
    }

    private static func statement(rows: Int) -> String {
        statements[rows.trailingZeroBitCount]
    }

    private static let statements: [String] = (0...largestStatement.trailingZeroBitCount).map { power in
        let width = ReportRow.measures.count + 5
        let tuples = (0..<(1 << power)).map { row in
            "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")"
        }
        let sums = ReportRow.measures.map { "\($0) = report_counts.\($0) + excluded.\($0)" }
        return """
            INSERT INTO report_counts (scope, label, account_id, quarter, slot, \(ReportRow.measures.joined(separator: ", ")))
            VALUES \(tuples.joined(separator: ", "))
            ON CONFLICT (scope, label, account_id, quarter, slot) DO UPDATE SET \(sums.joined(separator: ", "))
            """
    }

    /// Where the counts of a whole day stand once they were summed up.
    private static let daySlot: Int64 = -1

    /// Sums up some of the counts that are old by the day of UTC.
    ///
    /// A day's sum is kept at its noon: so it is counted for the same date in nearly every time zone. What is added to it are the counts of the
    /// rows that this transaction has deleted: they count once, however many nodes do this at the same time.
    ///
    /// - Parameter limit: rows at the most.
    /// - Returns: how many rows are gone.
    func sumUpReports(olderThan age: Duration, limit: Int) throws -> Int {
        let end = (now - age).day.start.quarterHour.number
        let old = try takeReports(before: end, limit: limit)
        let sums = Dictionary(old.map { (Self.day(of: $0.key), $0.counts) }, uniquingKeysWith: +)
        try addReports(sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, slot: Self.daySlot)
        return old.count
    }

    /// Deletes the oldest rows, and returns what they held.
    ///
    /// They are found by their quarter, up to that of the last one: of a key with several columns in an `IN` SQLite looks up the first alone,
    /// and would read every row of a scope. `+ 0` keeps the engines from looking at the key.
    private func takeReports(before quarter: Int64, limit: Int) throws -> [(key: ReportRow.Key, counts: ReportCounts)] {
        let last = try transaction.first(
            """
            SELECT MAX(w.quarter) FROM (
                SELECT quarter FROM report_counts WHERE slot >= 0 AND quarter < ?1 ORDER BY quarter LIMIT ?2) AS w
            """, [.integer(quarter), .integer(limit)]
        ) { $0.optionalInteger(0) }
        guard let last = last ?? nil else { return [] }
        return try transaction.query(
            """
            DELETE FROM report_counts WHERE slot >= 0 AND quarter <= ?1 AND (scope + 0, label, account_id, quarter, slot) IN (
                SELECT scope, label, account_id, quarter, slot FROM report_counts WHERE slot >= 0 AND quarter <= ?1 ORDER BY quarter LIMIT ?2)
            RETURNING scope, label, account_id, quarter, \(ReportRow.measures.joined(separator: ", "))
            """, [.integer(last), .integer(limit)]
        ) { row in
            guard let scope = ReportRow.Scope(rawValue: row.integer(0)) else { throw StorageError.malformed("report_counts.scope") }
            let key = ReportRow.Key(scope: scope, label: row.text(1), accountID: row.integer(2), quarter: row.integer(3))
            return (key, ReportRow.counts(row, from: 4))
        }
    }

    private static func day(of key: ReportRow.Key) -> ReportRow.Key {
        var key = key
        key.quarter = key.quarter.dividedDown(by: QuarterHour.perDay) * QuarterHour.perDay + QuarterHour.perDay / 2
        return key
    }
}
