import Database
import MailModel

extension Transaction {
    /// The answers of the policy daemon.
    package var policyAnswers: PolicyAnswers { PolicyAnswers(tx: self) }
}

/// The answers of the policy daemon by day and key: a repeated request is answered the same, and charged once (specification 11.2).
package struct PolicyAnswers {
    let tx: Transaction

    /// How long into a day a request of the day before may still be repeated: Postfix gives up within minutes.
    private static let overlap: Duration = .seconds(3600)

    /// Returns yesterday's answer under a key; `nil` when there is none, or when it is too late in the day for a repetition.
    package func findYesterdays(_ key: [UInt8]) throws -> String? {
        guard tx.now - tx.now.day.start < Self.overlap else { return nil }
        return try find(key, on: tx.now.day.number - 1)
    }

    /// Inserts today's answer under a key, unless there is one.
    ///
    /// - Returns: the earlier answer of today, which stays; `nil` where this one was inserted.
    package func insert(_ answer: String, to key: [UInt8]) throws -> String? {
        let day = tx.now.day.number
        let inserted = try tx.sql.execute(
            "INSERT INTO policy_instances (day, key, answer) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.integer(day), .blob(key), .text(answer)])
        return inserted == 1 ? nil : try find(key, on: day)
    }

    private func find(_ key: [UInt8], on day: Int64) throws -> String? {
        try tx.sql.first(
            "SELECT answer FROM policy_instances WHERE day = ?1 AND key = ?2", [.integer(day), .blob(key)]
        ) { $0.text(0) }
    }

    /// Deletes answers of the days before a day, oldest first, `limit` at most.
    ///
    /// The statement names one day: where a key has several columns, SQLite searches the rows of an `IN` by the first column alone.
    ///
    /// - Returns: how many were deleted; fewer than `limit` mean that none is left.
    func delete(before day: CalendarDay, limit: Int) throws -> Int {
        let oldest = try tx.sql.first("SELECT day FROM policy_instances WHERE day < ?1 ORDER BY day LIMIT 1", [.integer(day.number)]) {
            $0.integer(0)
        }
        guard let oldest else { return 0 }
        let deleted = try tx.sql.execute(
            """
            DELETE FROM policy_instances WHERE day = ?1 AND key IN (SELECT key FROM policy_instances WHERE day = ?1 ORDER BY key LIMIT ?2)
            """, [.integer(oldest), .integer(limit)])
        // Where the day had fewer than the limit, the next day follows.
        return deleted < limit && deleted > 0 ? deleted + (try delete(before: day, limit: limit - deleted)) : deleted
    }
}
