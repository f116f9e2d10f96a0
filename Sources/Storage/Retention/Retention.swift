import Database
import MailModel

/// The retention periods of rows (specification 12.3).
///
/// Bills are never deleted.
///
/// Partitions are dropped a month at a time, once the whole month is older than its period.
package struct RetentionPeriods: Sendable, Equatable {
    /// Emails with all their rows, except for those still to be sent; `nil`: they are never deleted.
    package var emails: Duration?
    /// Receipts, by which a repeated message of SNS is recognised: SNS gives up after an hour.
    package var receipts: Duration = .seconds(7 * 86_400)
    /// Events that belong to no known email.
    package var unmatchedEvents: Duration = .seconds(30 * 86_400)
    /// Idempotency keys: they hold for 24 hours.
    package var idempotencyKeys: Duration = .seconds(2 * 86_400)
    /// By what repeated messages are known: an hour at most (`submission.dedupeSeconds`).
    package var messageRepetitions: Duration = .seconds(2 * 3_600)
    /// Answers of the policy daemon, in whole days before the present one: a mail server repeats a request within minutes.
    package var policyAnswers: Duration = .seconds(86_400)

    /// Refused sends.
    package var refusals: Duration = .seconds(7 * 86_400)

    /// Unconfirmed subscriptions, by the time when their link was last mailed.
    package var openSubscriptions: Duration = .seconds(30 * 86_400)
    /// Callbacks that were delivered or parked, by the time of their event.
    package var callbacks: Duration = .seconds(30 * 86_400)
    /// The queues of receivers that are not called any more.
    package var receiverQueues: Duration = .seconds(86_400)

    /// Notices of accounts: longer than the month in which one is not repeated.
    package var notices: Duration = .seconds(90 * 86_400)

    /// Texts and attachments of emails, which go before the emails; `nil`: they stay as long as those.
    package var contents: Duration?

    /// Rows of the audit log, and jobs that have ended.
    package var audit: Duration = .seconds(400 * 86_400)

    /// Counts of reports by the quarter of an hour: older ones are summed up by the day.
    package var reportDetail: Duration = .seconds(400 * 86_400)

    /// The default periods.
    package init() {}
}

extension ReadableTransaction {
    /// The deletion of old rows.
    package var retention: Retention<Self> { Retention(tx: self) }
}

/// The deletion of rows that are older than their period, over all subjects.
///
/// A row may have changed when its lock is granted: a key was used again, a subscription confirmed, a callback replayed. So each statement that
/// deletes repeats the condition by which its rows were selected.
package struct Retention<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Retention where Tx == Transaction {
    /// Deletes some of the rows that are older than their period, one kind after the other.
    ///
    /// - Parameter limit: the most rows, about.
    /// - Returns: how many rows were deleted, about; fewer than `limit` mean that none is left.
    package func delete(_ periods: RetentionPeriods, limit: Int) throws -> Int {
        let now = tx.now
        let kinds: [(Int) throws -> Int] = [
            { try tx.receipts.delete(before: now - periods.receipts, limit: $0) },
            { try tx.unmatchedEvents.delete(before: now - periods.unmatchedEvents, limit: $0) },
            { try tx.idempotencyKeys.delete(before: now - periods.idempotencyKeys, limit: $0) },
            { try tx.messageRepetitions.delete(before: now - periods.messageRepetitions, limit: $0) },
            { try tx.policyAnswers.delete(before: (now - periods.policyAnswers).day, limit: $0) },
            { try tx.refusals.delete(before: now - periods.refusals, limit: $0) },
            { try tx.subscriptions.delete(before: now - periods.openSubscriptions, limit: $0) },
            { limit in try periods.emails.map { try tx.emails.delete(before: now - $0, limit: limit) } ?? 0 },
            { limit in try periods.emails.map { try tx.segments.retire(before: now - $0, limit: limit) } ?? 0 },
            { try tx.callbacks.delete(before: now - periods.callbacks, limit: $0) },
            { try tx.receiverQueues.delete(before: now - periods.receiverQueues, limit: $0) },
            { try tx.notices.delete(before: now - periods.notices, limit: $0) },
            { try tx.audit.delete(before: now - periods.audit, limit: $0) },
            { try tx.userSessions.delete(before: now, limit: $0) },
            { try tx.userLinks.delete(before: now, limit: $0) },
            { try tx.deviceSignIns.delete(before: now, limit: $0) },
            { try tx.jobs.delete(before: now - periods.audit, limit: $0) },
            { limit in try periods.contents.map { try tx.emails.dropContents(before: now - $0, limit: limit) } ?? 0 },
            { try tx.reports.sumUp(olderThan: periods.reportDetail, limit: $0) },
            // The last one: whoever waits for its locks holds others.
            { try tx.templateVersions.delete(limit: $0) },
        ]
        return try kinds.reduce(0) { gone, delete in
            gone < limit ? gone + (try delete(limit - gone)) : gone
        }
    }
}
