import Database
import MailModel

/// How counts lie in their rows.
enum ReportRow {
    /// Whose emails a row counts; `label` says which of them.
    enum Scope: Int64 {
        /// Everybody's: no label, account 0.
        case platform
        /// All of the account's: no label.
        case account
        case domain, sender, campaign, tag
    }

    /// What a row counts.
    struct Key: Hashable, Comparable {
        var scope: Scope
        var label: String
        var accountID: Int64
        var quarter: Int64

        static func < (lhs: Key, rhs: Key) -> Bool {
            (lhs.scope.rawValue, lhs.label, lhs.accountID, lhs.quarter) < (rhs.scope.rawValue, rhs.label, rhs.accountID, rhs.quarter)
        }
    }

    /// The columns of the counts, in the order of the measures.
    static let measures = ReportMeasure.allCases.map { column($0.name) }
    /// The sums of the counts, for a query with `GROUP BY`.
    static let sums = measures.map { "CAST(COALESCE(SUM(r.\($0)), 0) AS BIGINT)" }.joined(separator: ", ")

    /// `softBounced` is `soft_bounced`.
    private static func column(_ name: String) -> String {
        name.map { $0.isUppercase ? "_\($0.lowercased())" : String($0) }.joined()
    }

    static func counts(_ row: any DatabaseRow, from first: Int) -> ReportCounts {
        var counts = ReportCounts()
        for measure in ReportMeasure.allCases { counts[measure] = row.integer(first + measure.rawValue) }
        return counts
    }
}
