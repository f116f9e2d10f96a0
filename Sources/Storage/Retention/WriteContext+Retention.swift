import Database
import MailModel

/// How long what only grows is kept (specification 12.3). Bills are kept for good.
///
/// What lies in partitions goes a month at a time, once the whole month is older than its period.
package struct RetentionPeriods: Sendable, Equatable {
    /// Emails with all that belongs to them, but for those still to be sent; `nil` for good.
    package var emails: Duration?
    /// `MessageId`s of SNS, by which a repeated delivery is known: SNS gives up after an hour.
    package var receipts: Duration = .seconds(7 * 86_400)
    /// Events that belong to no email or domain of ours.
    package var unmatchedEvents: Duration = .seconds(30 * 86_400)
    /// Idempotency keys: they hold for 24 hours.
    package var idempotencyKeys: Duration = .seconds(2 * 86_400)
    /// Answers of the policy daemon, in whole days behind the present one: a mail server asks again within minutes.
    package var policyAnswers: Duration = .seconds(86_400)

    /// Subscriptions that nobody confirmed, by the time their link was last mailed.
    package var openSubscriptions: Duration = .seconds(30 * 86_400)
    /// Callbacks that were delivered or parked, by the time of their event.
    package var callbacks: Duration = .seconds(30 * 86_400)
    /// What is known about receivers that nobody calls any more.
    package var callbackLanes: Duration = .seconds(86_400)

    /// Counts of reports by the quarter of an hour: those that are older are summed up by the day.
    package var reportDetail: Duration = .seconds(400 * 86_400)

    package init() {}
}

// An earlier read may not hold any more when a row's lock is granted: a key was taken again, a subscription confirmed, a callback replayed.
// So each statement that deletes repeats the condition that its rows were chosen by.

extension WriteContext {
    /// Deletes some of what is older than it has to be, one kind after the other.
    ///
    /// - Parameter limit: rows at the most, about.
    /// - Returns: how many rows are gone, about; fewer than `limit` mean that there is no more.
    package func prune(_ periods: RetentionPeriods, limit: Int) throws -> Int {
        let kinds: [(Int) throws -> Int] = [
            { try self.pruneReceipts(before: self.now - periods.receipts, limit: $0) },
            { try self.pruneUnmatchedEvents(before: self.now - periods.unmatchedEvents, limit: $0) },
            { try self.pruneIdempotencyKeys(before: self.now - periods.idempotencyKeys, limit: $0) },
            { try self.prunePolicyAnswers(before: (self.now - periods.policyAnswers).day, limit: $0) },
            { try self.pruneSubscriptions(before: self.now - periods.openSubscriptions, limit: $0) },
            { limit in try periods.emails.map { try self.pruneEmails(before: self.now - $0, limit: limit) } ?? 0 },
            { try self.pruneCallbacks(before: self.now - periods.callbacks, limit: $0) },
            { try self.pruneLanes(before: self.now - periods.callbackLanes, limit: $0) },
            { try self.sumUpReports(olderThan: periods.reportDetail, limit: $0) },
        ]
        return try kinds.reduce(0) { gone, prune in
            gone < limit ? gone + (try prune(limit - gone)) : gone
        }
    }

    func pruneReceipts(before time: Timestamp, limit: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM sns_receipts WHERE received_at < ?1 AND message_id IN (
                SELECT message_id FROM sns_receipts WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }

    func pruneUnmatchedEvents(before time: Timestamp, limit: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM unmatched_events WHERE received_at < ?1 AND id IN (
                SELECT id FROM unmatched_events WHERE received_at < ?1 ORDER BY id LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }

    func pruneSubscriptions(before time: Timestamp, limit: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM subscriptions WHERE confirmed_at IS NULL AND mailed_at < ?1 AND id IN (
                SELECT id FROM subscriptions WHERE confirmed_at IS NULL AND mailed_at < ?1 ORDER BY mailed_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }

    // Where a key has several columns, SQLite looks up rows in an `IN` by the first alone, and reads all that have it. So the rows are found
    // by their age, up to that of the last one of the step; `+ 0` keeps the engines from looking at the key.

    func pruneIdempotencyKeys(before time: Timestamp, limit: Int) throws -> Int {
        let last = try transaction.first(
            """
            SELECT MAX(w.created_at) FROM (
                SELECT created_at FROM idempotency_keys WHERE created_at < ?1 ORDER BY created_at LIMIT ?2) AS w
            """, [.timestamp(time), .integer(limit)]
        ) { $0.timestamp(0) }
        guard let last = last ?? nil else { return 0 }
        return try transaction.execute(
            """
            DELETE FROM idempotency_keys WHERE created_at <= ?1 AND (account_id + 0, key) IN (
                SELECT account_id, key FROM idempotency_keys WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)
            """, [.timestamp(last), .integer(limit)])
    }

    func prunePolicyAnswers(before day: CalendarDay, limit: Int) throws -> Int {
        let oldest = try transaction.first("SELECT day FROM policy_instances WHERE day < ?1 ORDER BY day LIMIT 1", [.integer(day.number)]) {
            $0.integer(0)
        }
        guard let oldest else { return 0 }
        let gone = try transaction.execute(
            """
            DELETE FROM policy_instances WHERE day = ?1 AND key IN (SELECT key FROM policy_instances WHERE day = ?1 ORDER BY key LIMIT ?2)
            """, [.integer(oldest), .integer(limit)])
        // The next day's, where this one's were few.
        return gone < limit && gone > 0 ? gone + (try prunePolicyAnswers(before: day, limit: limit - gone)) : gone
    }
}
