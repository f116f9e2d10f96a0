import Database
import MailModel

// What an account has sent are its days, which are never changed by a reset. So a reset records how much of the present day or month it takes off
// (``StoredQuota``).

extension Counters where Tx == Transaction {
    /// Takes what the next accounts have sent so far off their counts of the period.
    ///
    /// Accounts that have sent nothing in it are passed over.
    ///
    /// At the beginning of a month the first call is about the month that ended: as with domains, an account that has sent in that one keeps what it
    /// has counted in the new one.
    func resetAccounts(_ limit: Int, in reset: inout CounterReset) throws {
        let ids = try lockSenders(in: reset, limit: limit)
        guard let first = ids.first, let last = ids.last else { return reset.hasAllAccounts = true }
        switch reset.kind {
        case .daily: try takeOffDay(from: first, to: last)
        case .monthly: try takeOffMonth(from: first, to: last, keeps: isFirst(reset))
        }
        reset.lastAccount = last
        reset.hasAllAccounts = ids.count < limit
    }

    /// Locks the next accounts that have sent something in the period, in the order of their ids.
    private func lockSenders(in reset: CounterReset, limit: Int) throws -> [Int64] {
        try tx.sql.query(
            """
            SELECT a.id FROM accounts a WHERE a.id > ?1 AND EXISTS (
                SELECT 1 FROM account_days d WHERE d.account_id = a.id AND d.day >= ?2 AND d.sent > 0)
            ORDER BY a.id LIMIT ?3\(tx.sql.dialect.forChange)
            """, [.integer(reset.lastAccount), .integer(firstDay(of: reset.kind).number), .integer(limit)]
        ) { $0.integer(0) }
    }

    private func firstDay(of kind: CounterReset.Kind) -> CalendarDay {
        kind == .daily ? tx.now.day : tx.now.month.start.day
    }

    /// Whether no other call has reset the months of accounts in this month, which has just begun.
    private func isFirst(_ reset: CounterReset) throws -> Bool {
        guard tx.now.day.number - tx.now.month.start.day.number < Self.daysToReport else { return false }
        let earlier = try tx.sql.first(
            "SELECT 1 FROM counter_resets WHERE kind = ?1 AND id <> ?2 AND finished_at >= ?3 LIMIT 1",
            [.text(reset.kind.rawValue), .integer(reset.id), .timestamp(tx.now.month.start)]
        ) { _ in true }
        return earlier == nil
    }

    private func takeOffDay(from first: Int64, to last: Int64) throws {
        try tx.sql.execute(
            """
            UPDATE accounts SET reset_day = ?1, reset_day_sent = (
                SELECT CAST(COALESCE(SUM(d.sent), 0) AS BIGINT) FROM account_days d WHERE d.account_id = accounts.id AND d.day >= ?1)
            WHERE id >= ?2 AND id <= ?3
            """, [.integer(tx.now.day.number), .integer(first), .integer(last)])
    }

    /// - Parameter keeps: whether accounts that have sent in the month before keep what they have counted in this one.
    private func takeOffMonth(from first: Int64, to last: Int64, keeps: Bool) throws {
        let month = tx.now.month
        // The beginning of the month before is in it 28 days earlier.
        let before = CalendarDay(number: month.start.day.number - 28).start.month.start.day
        try tx.sql.execute(
            """
            UPDATE accounts SET reset_month = ?1, reset_month_at = ?4, reset_month_sent = (
                SELECT CAST(COALESCE(SUM(d.sent), 0) AS BIGINT) FROM account_days d WHERE d.account_id = accounts.id AND d.day >= ?5)
            WHERE id >= ?2 AND id <= ?3 AND (?6 = 0 OR NOT EXISTS (
                SELECT 1 FROM account_days d WHERE d.account_id = accounts.id AND d.day >= ?7 AND d.day < ?5 AND d.sent > 0))
            """,
            [
                .integer(month.number), .integer(first), .integer(last), .timestamp(tx.now), .integer(month.start.day.number),
                .bool(keeps), .integer(before.number),
            ])
    }
}
