import Database
import MailModel

/// The row of counts.
enum ReportRow {
    /// The kind of emails that a row counts; `label` names which of them.
    enum Scope: Int64 {
        /// All emails of the installation: no label, account 0.
        case platform
        /// All emails of the account: no label.
        case account
        case domain, sender, campaign, tag
    }

    /// What a row counts, and when.
    struct Key: Hashable, Comparable {
        var scope: Scope
        var label: String
        var accountID: Int64
        var quarter: Int64

        /// The key of the sum of its day of UTC, at noon.
        var ofDay: Key {
            var key = self
            key.quarter = quarter.dividedDown(by: QuarterHour.perDay) * QuarterHour.perDay + QuarterHour.perDay / 2
            return key
        }

        static func < (lhs: Key, rhs: Key) -> Bool {
            (lhs.scope.rawValue, lhs.label, lhs.accountID, lhs.quarter) < (rhs.scope.rawValue, rhs.label, rhs.accountID, rhs.quarter)
        }
    }

    /// The slot of this process, so that nodes seldom wait for each other's rows.
    ///
    /// Two with the same slot wait, and still count right.
    static let slot = Int64.random(in: 0..<64)
    /// The slot of the sums of whole days.
    static let daySlot: Int64 = -1

    /// The columns of the counts, in the order of the measures.
    static let measures = ReportMeasure.allCases.map { column($0.name) }
    /// The sums of the counts, for a query with `GROUP BY`.
    static let sums = measures.map { "CAST(COALESCE(SUM(r.\($0)), 0) AS BIGINT)" }.joined(separator: ", ")

    /// The column of a measure: `soft_bounced` for `softBounced`.
    private static func column(_ name: String) -> String {
        name.map { $0.isUppercase ? "_\($0.lowercased())" : String($0) }.joined()
    }

    /// Reads a key from the first four columns of an answer.
    static func key(_ row: any DatabaseRow) throws -> Key {
        guard let scope = Scope(rawValue: row.integer(0)) else { throw StorageError.malformed("report_counts.scope") }
        return Key(scope: scope, label: row.text(1), accountID: row.integer(2), quarter: row.integer(3))
    }

    static func counts(_ row: any DatabaseRow, from first: Int) -> ReportCounts {
        var counts = ReportCounts()
        for measure in ReportMeasure.allCases { counts[measure] = row.integer(first + measure.rawValue) }
        return counts
    }

    /// The values of a row, in the order of the columns of ``upsert(rows:)``.
    static func values(_ key: Key, _ counts: ReportCounts, slot: Int64) -> [DatabaseValue] {
        [.integer(key.scope.rawValue), .text(key.label), .integer(key.accountID), .integer(key.quarter), .integer(slot)]
            + ReportMeasure.allCases.map { .integer(counts[$0]) }
    }

    /// The most rows of one statement: a power of two.
    static let largestUpsert = 32

    /// The statement that adds counts to rows, or inserts those that do not exist.
    ///
    /// - Parameter rows: a power of two up to ``largestUpsert``.
    static func upsert(rows: Int) -> String {
        upserts[rows.trailingZeroBitCount]
    }

    private static let upserts: [String] = (0...largestUpsert.trailingZeroBitCount).map { power in
        let width = measures.count + 5
        let tuples = (0..<(1 << power)).map { row in
            "(" + (1...width).map { "?\(row * width + $0)" }.joined(separator: ", ") + ")"
        }
        let sums = measures.map { "\($0) = report_counts.\($0) + excluded.\($0)" }
        return """
            INSERT INTO report_counts (scope, label, account_id, quarter, slot, \(measures.joined(separator: ", ")))
            VALUES \(tuples.joined(separator: ", "))
            ON CONFLICT (scope, label, account_id, quarter, slot) DO UPDATE SET \(sums.joined(separator: ", "))
            """
    }
}
