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
        let old = try transaction.query(
            """
            DELETE FROM report_counts WHERE (scope, label, account_id, quarter, slot) IN (
                SELECT scope, label, account_id, quarter, slot FROM report_counts
                WHERE slot >= 0 AND quarter < ?1 ORDER BY quarter LIMIT ?2)
            RETURNING scope, label, account_id, quarter, \(ReportRow.measures.joined(separator: ", "))
            """,
            [.integer(end), .integer(limit)]
        ) { row -> (key: ReportRow.Key, counts: ReportCounts) in
            guard let scope = ReportRow.Scope(rawValue: row.integer(0)) else { throw StorageError.malformed("report_counts.scope") }
            let day = row.integer(3).dividedDown(by: QuarterHour.perDay)
            let key = ReportRow.Key(
                scope: scope, label: row.text(1), accountID: row.integer(2), quarter: day * QuarterHour.perDay + QuarterHour.perDay / 2)
            return (key, ReportRow.counts(row, from: 4))
        }
        let sums = Dictionary(old.map { ($0.key, $0.counts) }, uniquingKeysWith: +)
        try addReports(sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, slot: Self.daySlot)
        return old.count
    }
}
