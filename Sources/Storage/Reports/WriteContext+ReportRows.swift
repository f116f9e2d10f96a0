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
    /// A day's sum is kept at its noon: so it is counted for the same date in nearly every time zone.
    ///
    /// - Parameter limit: rows at the most.
    /// - Returns: how many rows are gone.
    func sumUpReports(olderThan age: Duration, limit: Int) throws -> Int {
        let end = (now - age).day.start.quarterHour.number
        let old = try oldReports(before: end, limit: limit)
        let sums = Dictionary(old.map { (Self.day(of: $0.key), $0.counts) }, uniquingKeysWith: +)
        for (key, slot, _) in old { try removeReport(key, slot: slot) }
        try addReports(sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, slot: Self.daySlot)
        return old.count
    }

    private func oldReports(
        before quarter: Int64, limit: Int
    ) throws -> [(key: ReportRow.Key, slot: Int64, counts: ReportCounts)] {
        try transaction.query(
            """
            SELECT scope, label, account_id, quarter, slot, \(ReportRow.measures.joined(separator: ", ")) FROM report_counts
            WHERE slot >= 0 AND quarter < ?1 ORDER BY quarter LIMIT ?2
            """,
            [.integer(quarter), .integer(limit)]
        ) { row in
            guard let scope = ReportRow.Scope(rawValue: row.integer(0)) else { throw StorageError.malformed("report_counts.scope") }
            let key = ReportRow.Key(scope: scope, label: row.text(1), accountID: row.integer(2), quarter: row.integer(3))
            return (key, row.integer(4), ReportRow.counts(row, from: 5))
        }
    }

    /// Row by row: of a key with several columns in a list SQLite uses the first one alone, and would look at every row of the scope.
    private func removeReport(_ key: ReportRow.Key, slot: Int64) throws {
        try transaction.execute(
            "DELETE FROM report_counts WHERE scope = ?1 AND label = ?2 AND account_id = ?3 AND quarter = ?4 AND slot = ?5",
            [.integer(key.scope.rawValue), .text(key.label), .integer(key.accountID), .integer(key.quarter), .integer(slot)])
    }

    private static func day(of key: ReportRow.Key) -> ReportRow.Key {
        var key = key
        key.quarter = key.quarter.dividedDown(by: QuarterHour.perDay) * QuarterHour.perDay + QuarterHour.perDay / 2
        return key
    }
}
