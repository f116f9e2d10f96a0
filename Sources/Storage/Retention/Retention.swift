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
    /// The state of receivers that are not called any more.
    package var receiverQueues: Duration = .seconds(86_400)

    /// Counts of reports by the quarter of an hour: those that are older are summed up by the day.
    package var reportDetail: Duration = .seconds(400 * 86_400)

    package init() {}
}

extension ReadableTransaction {
    /// What is older than it has to be.
    package var retention: Retention<Self> { Retention(tx: self) }
}

/// The deletion of what is older than it has to be, over all subjects.
///
/// An earlier read may not hold any more when a row's lock is granted: a key was taken again, a subscription confirmed, a callback replayed.
/// So each statement that deletes repeats the condition that its rows were chosen by.
package struct Retention<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Retention where Tx == Transaction {
    /// Deletes some of what is older than its period, one kind after the other.
    ///
    /// - Parameter limit: rows at the most, about.
    /// - Returns: how many rows are gone, about; fewer than `limit` mean that there is no more.
    package func delete(_ periods: RetentionPeriods, limit: Int) throws -> Int {
        let now = tx.now
        let kinds: [(Int) throws -> Int] = [
            { try tx.receipts.delete(before: now - periods.receipts, limit: $0) },
            { try tx.unmatchedEvents.delete(before: now - periods.unmatchedEvents, limit: $0) },
            { try tx.idempotencyKeys.delete(before: now - periods.idempotencyKeys, limit: $0) },
            { try tx.policyAnswers.delete(before: (now - periods.policyAnswers).day, limit: $0) },
            { try tx.subscriptions.delete(before: now - periods.openSubscriptions, limit: $0) },
            { limit in try periods.emails.map { try tx.emails.delete(before: now - $0, limit: limit) } ?? 0 },
            { try tx.callbacks.delete(before: now - periods.callbacks, limit: $0) },
            { try tx.receiverQueues.delete(before: now - periods.receiverQueues, limit: $0) },
            { try tx.reports.sumUp(olderThan: periods.reportDetail, limit: $0) },
        ]
        return try kinds.reduce(0) { gone, delete in
            gone < limit ? gone + (try delete(limit - gone)) : gone
        }
    }
}
