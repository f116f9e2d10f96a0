import Database
import MailModel

/// How long what only grows is kept (contract section 7). Bills are kept for good.
///
/// What lies in partitions goes a month at a time, once the whole month is older than its period.
public struct RetentionPeriods: Sendable, Equatable {
    /// Emails with all that belongs to them, but for those still to be sent; `nil` for good.
    public var emails: Duration?
    /// `MessageId`s of SNS, by which a repeated delivery is known: SNS gives up after an hour.
    public var receipts: Duration = .seconds(7 * 86_400)
    /// Events that belong to no email or domain of ours.
    public var unmatchedEvents: Duration = .seconds(30 * 86_400)
    /// Idempotency keys: they hold for 24 hours.
    public var idempotencyKeys: Duration = .seconds(2 * 86_400)
    /// Answers of the policy daemon, in whole days behind the present one: a mail server asks again within minutes.
    public var policyAnswers: Duration = .seconds(86_400)

    /// Subscriptions that nobody confirmed, by the time their link was last mailed.
    public var openSubscriptions: Duration = .seconds(30 * 86_400)
    /// Callbacks that were delivered or parked, by the time of their event.
    public var callbacks: Duration = .seconds(30 * 86_400)
    /// What is known about receivers that nobody calls any more.
    public var callbackLanes: Duration = .seconds(86_400)

    /// Counts of reports by the quarter of an hour: those that are older are summed up by the day.
    public var reportDetail: Duration = .seconds(400 * 86_400)

    public init() {}
}

extension WriteContext {
    /// Deletes some of what is older than it has to be: a small step, so that no command waits long behind it.
    ///
    /// - Parameter limit: rows of each kind at the most.
    /// - Returns: how many rows are gone; fewer than `limit` of each kind means that there is no more.
    public func prune(_ periods: RetentionPeriods, limit: Int) throws -> Int {
        let receipts = try transaction.execute(
            """
            DELETE FROM sns_receipts WHERE message_id IN (
                SELECT message_id FROM sns_receipts WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)
            """,
            [.timestamp(now - periods.receipts), .integer(limit)])
        let events = try transaction.execute(
            "DELETE FROM unmatched_events WHERE id IN (SELECT id FROM unmatched_events WHERE received_at < ?1 ORDER BY id LIMIT ?2)",
            [.timestamp(now - periods.unmatchedEvents), .integer(limit)])
        let keys = try pruneIdempotencyKeys(before: now - periods.idempotencyKeys, limit: limit)
        let answers = try prunePolicyAnswers(before: (now - periods.policyAnswers).day, limit: limit)
        let subscriptions = try transaction.execute(
            """
            DELETE FROM subscriptions WHERE id IN (
                SELECT id FROM subscriptions WHERE confirmed_at IS NULL AND mailed_at < ?1 ORDER BY mailed_at LIMIT ?2)
            """,
            [.timestamp(now - periods.openSubscriptions), .integer(limit)])
        let emails = try periods.emails.map { try pruneEmails(before: now - $0, limit: limit) } ?? 0
        return receipts + events + keys + answers + subscriptions + emails + (try pruneCallbacks(periods, limit: limit))
            + (try sumUpReports(olderThan: periods.reportDetail, limit: limit))
    }

    // Row by row: of a key of two columns in an `IN`, SQLite looks up the first alone and reads all rows that have it.

    private func pruneIdempotencyKeys(before time: Timestamp, limit: Int) throws -> Int {
        let old = try transaction.query(
            "SELECT account_id, key FROM idempotency_keys WHERE created_at < ?1 ORDER BY created_at LIMIT ?2",
            [.timestamp(time), .integer(limit)]
        ) { ($0.integer(0), $0.text(1)) }
        for (account, key) in old {
            try transaction.execute(
                "DELETE FROM idempotency_keys WHERE account_id = ?1 AND key = ?2", [.integer(account), .text(key)])
        }
        return old.count
    }

    private func prunePolicyAnswers(before day: CalendarDay, limit: Int) throws -> Int {
        let old = try transaction.query(
            "SELECT day, key FROM policy_instances WHERE day < ?1 ORDER BY day LIMIT ?2", [.integer(day.number), .integer(limit)]
        ) { ($0.integer(0), $0.blob(1)) }
        for (day, key) in old {
            try transaction.execute("DELETE FROM policy_instances WHERE day = ?1 AND key = ?2", [.integer(day), .blob(key)])
        }
        return old.count
    }
}
