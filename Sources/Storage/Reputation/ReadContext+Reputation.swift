import Database
package import MailModel

extension ReadContext {
    /// What an account is judged by: at most ``Reputation/days`` rows.
    package func reputationWindow(of accountID: Int64) throws -> ReputationWindow {
        let first = CalendarDay(number: now.day.number - Reputation.days + 1)
        let lift = try lift(of: accountID)
        let begin = max(first, lift?.at.day ?? first)
        let counts = try transaction.first(
            """
            SELECT CAST(COALESCE(SUM(sent), 0) AS BIGINT), CAST(COALESCE(SUM(bounces), 0) AS BIGINT),
                CAST(COALESCE(SUM(complaints), 0) AS BIGINT)
            FROM account_days WHERE account_id = ?1 AND day >= ?2
            """,
            [.integer(accountID), .integer(begin.number)]
        ) { ReputationCounts(sent: $0.integer(0), bounces: $0.integer(1), complaints: $0.integer(2)) }
        guard let lift, lift.at.day >= first else { return ReputationWindow(counts: counts ?? ReputationCounts(), since: first.start) }
        return ReputationWindow(counts: (counts ?? ReputationCounts()) - lift.before, since: lift.at, isReviewed: true)
    }

    /// How an account stands.
    package func reputationReport(of account: Account) throws -> ReputationReport {
        let reason = try transaction.first("SELECT status_reason FROM accounts WHERE id = ?1", [.integer(account.id)]) {
            $0.optionalText(0)
        }
        let reviews = try transaction.query(
            "SELECT decision, note, status, at FROM account_reviews WHERE account_id = ?1 ORDER BY id DESC LIMIT 20", [.integer(account.id)]
        ) { row in
            AccountReview(
                decision: try row.choice(0), note: row.optionalText(1), status: try row.choice(2), at: row.requiredTimestamp(3))
        }
        return ReputationReport(
            account: account, reason: reason ?? nil, window: try reputationWindow(of: account.id), reviews: reviews)
    }

    /// When the operator last let the account go on, and what that day had counted by then.
    private func lift(of accountID: Int64) throws -> (at: Timestamp, before: ReputationCounts)? {
        try transaction.first(
            """
            SELECT lifted_at, lifted_sent, lifted_bounces, lifted_complaints FROM accounts WHERE id = ?1 AND lifted_at IS NOT NULL
            """,
            [.integer(accountID)]
        ) { ($0.requiredTimestamp(0), ReputationCounts(sent: $0.integer(1), bounces: $0.integer(2), complaints: $0.integer(3))) }
    }

    func reputationCounts(of accountID: Int64, on day: CalendarDay) throws -> ReputationCounts {
        try transaction.first(
            "SELECT sent, bounces, complaints FROM account_days WHERE account_id = ?1 AND day = ?2",
            [.integer(accountID), .integer(day.number)]
        ) { ReputationCounts(sent: $0.integer(0), bounces: $0.integer(1), complaints: $0.integer(2)) } ?? ReputationCounts()
    }
}
