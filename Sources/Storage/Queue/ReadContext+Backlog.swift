import Database
import MailModel

/// What waits: emails to be sent, or receivers to be called.
package struct Backlog: Sendable, Equatable {
    /// How many; ``Backlog/mostCounted`` stands for that many and more.
    package var waiting: Int64
    /// How long the one that waits longest has waited; `nil` where none does.
    package var age: Duration?

    /// The most that are counted: a queue that is longer than this needs no exact number, and takes no longer to look at.
    package static let mostCounted: Int64 = 10_000
}

extension ReadContext {
    /// What could go now and has not, with a bounded look at the queue's own index.
    ///
    /// - Parameter accountID: only this account's; `nil` for all.
    package func backlog(of accountID: Int64?) throws -> Backlog {
        if let accountID { return try backlog(in: Self.queued, .integer(accountID)) }
        return try backlog(in: Self.due, .timestamp(now))
    }

    /// Receivers of callbacks whose turn has come.
    func receiverBacklog() throws -> Backlog {
        try backlog(
            in: "SELECT due_at AS since FROM callback_lanes WHERE due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at", .timestamp(now))
    }

    private func backlog(in rows: String, _ value: DatabaseValue) throws -> Backlog {
        let found = try transaction.first(
            "SELECT COUNT(*), MIN(w.since) FROM (\(rows) LIMIT ?1) AS w", [.integer(Backlog.mostCounted), value]
        ) { (count: $0.integer(0), since: $0.timestamp(1)) }
        return Backlog(waiting: found?.count ?? 0, age: found?.since.map { max(.zero, now - $0) })
    }

    private static let due = "SELECT due_at AS since FROM emails WHERE due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at"

    /// Those of an account are found by its own index, in the order in which they came.
    private static let queued = """
        SELECT created_at AS since FROM emails WHERE account_id = ?2 AND status IN (\(EmailSearch.pending)) AND status = 'QUEUED' ORDER BY id
        """
}
