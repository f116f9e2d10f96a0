import MailModel

/// The counts of accounts that a transaction has not written yet: one row for each account and day is written, however many emails share the
/// transaction.
struct ReputationCache {
    /// The key of a row in `account_days`.
    struct Row: Hashable, Comparable {
        var accountID: Int64
        var day: CalendarDay

        static func < (lhs: Row, rhs: Row) -> Bool {
            (lhs.accountID, lhs.day) < (rhs.accountID, rhs.day)
        }
    }

    private var counts: [Row: ReputationCounts] = [:]

    mutating func add(_ added: ReputationCounts, of accountID: Int64, on day: CalendarDay) {
        guard !added.isEmpty else { return }
        counts[Row(accountID: accountID, day: day), default: ReputationCounts()] += added
    }

    /// The counts of an account on all days.
    func counts(of accountID: Int64) -> ReputationCounts {
        counts.reduce(into: ReputationCounts()) { if $1.key.accountID == accountID { $0 += $1.value } }
    }

    /// The emails of an account from a day on.
    func sent(of accountID: Int64, since day: CalendarDay) -> Int64 {
        counts.reduce(0) { $1.key.accountID == accountID && $1.key.day >= day ? $0 + $1.value.sent : $0 }
    }

    func counts(of accountID: Int64, on day: CalendarDay) -> ReputationCounts {
        counts[Row(accountID: accountID, day: day)] ?? ReputationCounts()
    }

    /// Removes and returns all counts.
    ///
    /// In the order of the rows: two nodes then never wait for each other.
    mutating func drain() -> [(row: Row, counts: ReputationCounts)] {
        defer { counts.removeAll(keepingCapacity: true) }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
