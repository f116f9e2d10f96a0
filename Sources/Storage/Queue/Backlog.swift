import Database
import MailModel

/// The length and age of a queue: of emails to be sent, or of receivers with callbacks that are due.
package struct Backlog: Sendable, Equatable {
    /// The number of entries that wait; ``mostCounted`` means that many or more.
    package var waiting: Int64
    /// How long the oldest entry has waited; `nil` where none waits.
    package var age: Duration?

    /// The maximum that is counted, which bounds the cost of the query: the exact length of a longer queue is of no use.
    package static let mostCounted: Int64 = 10_000
}

extension EmailQueue {
    /// Returns the backlog of emails that could be sent now, read from an index up to ``Backlog/mostCounted``.
    ///
    /// - Parameter accountID: the queued emails of this account among the first ``Backlog/mostCounted`` of the queue; `nil` for the emails of
    ///   all accounts that are due.
    package func backlog(of accountID: Int64?) throws -> Backlog {
        if let accountID {
            return try Backlog(of: BacklogRows.queue, where: "w.account_id = ?2 AND w.status = 'QUEUED'", .integer(accountID), in: tx)
        }
        return try Backlog(of: BacklogRows.due, .timestamp(tx.now), in: tx)
    }
}

extension ReceiverQueues {
    /// Returns the backlog of the receivers whose next callback is due.
    func backlog() throws -> Backlog {
        try Backlog(of: BacklogRows.receivers, .timestamp(tx.now), in: tx)
    }
}

extension Backlog {
    /// Counts rows.
    ///
    /// - Parameters:
    ///   - rows: the query for them, oldest first.
    ///   - condition: which of the rows are counted.
    ///   - value: its parameter `?2`.
    fileprivate init(
        of rows: String, where condition: String = "true", _ value: DatabaseValue, in tx: some ReadableTransaction
    ) throws {
        let found = try tx.sql.first(
            "SELECT COUNT(*), MIN(w.since) FROM (\(rows) LIMIT ?1) AS w WHERE \(condition)", [.integer(Backlog.mostCounted), value]
        ) { (count: $0.integer(0), since: $0.timestamp(1)) }
        self.init(waiting: found?.count ?? 0, age: found?.since.map { max(.zero, tx.now - $0) })
    }
}

/// The queries for the rows that wait, with their time as `since`.
private enum BacklogRows {
    static let due = "SELECT due_at AS since FROM emails WHERE due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at"

    /// Of all accounts: what waits is found by the index of the queue alone.
    static let queue = "SELECT created_at AS since, account_id, status FROM emails WHERE due_at IS NOT NULL ORDER BY due_at"

    static let receivers = "SELECT due_at AS since FROM callback_lanes WHERE due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at"
}
