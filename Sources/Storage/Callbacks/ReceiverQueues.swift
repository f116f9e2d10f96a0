import Database
import MailModel

extension ReadableTransaction {
    /// The queues of the receivers of callbacks.
    var receiverQueues: ReceiverQueues<Self> { ReceiverQueues(tx: self) }
}

/// The queues of the receivers of callbacks, one for each account and receiver (table `callback_lanes`).
///
/// A transaction collects its changes in ``ReceiverQueueCache`` and writes them at its end.
struct ReceiverQueues<Tx: ReadableTransaction> {
    let tx: Tx
}

extension ReceiverQueues {
    /// Returns the queues that are due, the longest waiting first, but for those of some accounts.
    ///
    /// They are not locked.
    func listDue(limit: Int, except accounts: [Int64] = []) throws -> [ReceiverQueue] {
        try tx.sql.query(
            """
            SELECT \(ReceiverQueueRow.columns) FROM callback_lanes WHERE due_at IS NOT NULL AND due_at <= ?1
            \(Self.exclusion(of: accounts, from: 3)) ORDER BY due_at LIMIT ?2
            """,
            [.timestamp(tx.now), .integer(limit)] + accounts.map { .integer($0) }, ReceiverQueueRow.decode)
    }

    /// Returns when the next queue is due, but for those of some accounts; `nil` when none is.
    func nextDue(except accounts: [Int64]) throws -> Timestamp? {
        try tx.sql.first(
            """
            SELECT due_at FROM callback_lanes WHERE due_at IS NOT NULL
            \(Self.exclusion(of: accounts, from: 1)) ORDER BY due_at LIMIT 1
            """, accounts.map { .integer($0) }
        ) { $0.requiredTimestamp(0) }
    }

    /// A condition behind others; nothing without accounts.
    private static func exclusion(of accounts: [Int64], from parameter: Int) -> String {
        guard !accounts.isEmpty else { return "" }
        return "AND account_id NOT IN (\(accounts.indices.map { "?\(parameter + $0)" }.joined(separator: ", ")))"
    }

    /// Returns when the first delivery of a queue is due; `nil` when none is.
    func firstDue(in queue: Int64) throws -> Timestamp? {
        try tx.sql.first(
            "SELECT due_at FROM callback_deliveries WHERE lane_id = ?1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1", [.integer(queue)]
        ) { $0.requiredTimestamp(0) }
    }

    private func find(_ target: String, accountID: Int64) throws -> Int64? {
        try tx.sql.first(
            "SELECT id FROM callback_lanes WHERE account_id = ?1 AND target = ?2", [.integer(accountID), .text(target)]
        ) { $0.integer(0) }
    }
}

extension ReceiverQueues where Tx == Transaction {
    /// Returns the id of the queue of a URL's receiver: its scheme, host, port and path.
    func findOrInsert(for url: String, accountID: Int64) throws -> Int64 {
        let target = url.prefix { $0 != "?" }
        let key = "\(accountID) \(target)"
        if let known = tx.receiverQueueCache[key] { return known }
        let queue = try find(String(target), accountID: accountID) ?? insert(for: target, accountID: accountID)
        tx.receiverQueueCache[key] = queue
        return queue
    }

    /// Inserts a queue for the target, or for its origin where the account has ``ReceiverQueue/maximumCount`` queues.
    private func insert(for target: Substring, accountID: Int64) throws -> Int64 {
        let isCrowded = try tx.sql.first(
            "SELECT 1 FROM callback_lanes WHERE account_id = ?1 LIMIT 1 OFFSET \(ReceiverQueue.maximumCount)", [.integer(accountID)]
        ) { _ in true }
        let origin = target.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).prefix(2).joined(separator: "//")
        return try insert(isCrowded == true ? origin : String(target), accountID: accountID)
    }

    private func insert(_ target: String, accountID: Int64) throws -> Int64 {
        try tx.sql.execute(
            "INSERT INTO callback_lanes (account_id, target, failures, used_at) VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING",
            [.integer(accountID), .text(target), .timestamp(tx.now)])
        guard let queue = try find(target, accountID: accountID) else { throw StorageError.malformed("callback_lanes.id") }
        return queue
    }

    /// Deletes up to `limit` queues that have nothing due and were last used before `time`.
    ///
    /// A delivery that is parked, or waits for an earlier one, finds its queue by the URL again.
    ///
    /// - Returns: how many were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM callback_lanes WHERE due_at IS NULL AND used_at < ?1 AND id IN (
                SELECT id FROM callback_lanes WHERE due_at IS NULL AND used_at < ?1 ORDER BY used_at
                LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked))
            """, [.timestamp(time), .integer(limit)])
    }
}

extension ReceiverQueues where Tx == Transaction {
    /// Locks the queues that changed and writes them.
    ///
    /// Deliveries of a queue that was deleted meanwhile move to another one.
    func flush() throws {
        var changed = tx.receiverQueueCache.drainChanges()
        while !changed.isEmpty {
            try moveDeliveries(fromDeleted: apply(changed))
            changed = tx.receiverQueueCache.drainChanges()
        }
    }

    /// - Returns: the queues that were deleted since this transaction found them.
    private func apply(_ changed: [(id: Int64, changes: [ReceiverQueueChange])]) throws -> [Int64] {
        let lock = tx.sql.dialect.forUpdate
        let rows = try tx.sql.query(
            over: changed.map { .integer($0.id) },
            { "SELECT \(ReceiverQueueRow.columns) FROM callback_lanes WHERE id IN (\($0)) ORDER BY id\(lock)" }, ReceiverQueueRow.decode)
        let found = Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, changes) in changed {
            guard var queue = found[id] else { continue }
            for change in changes { try apply(change, to: &queue) }
            try update(queue)
        }
        return changed.map(\.id).filter { found[$0] == nil }
    }

    private func apply(_ change: ReceiverQueueChange, to queue: inout ReceiverQueue) throws {
        switch change {
        case .due:
            queue.markDue(at: tx.now)
            queue.usedAt = tx.now
        case .succeeded: queue.breaker.recordSuccess()
        case .failed:
            let wasFailing = queue.breaker.isFailing
            queue.breaker.recordFailure(at: tx.now)
            if queue.breaker.isFailing, !wasFailing, let target = try target(of: queue.id) {
                try tx.notices.insertFailing(target, of: queue.accountID)
            }
        case .refresh(let earliest): queue.setDue(try firstDue(in: queue.id).map { max($0, earliest ?? $0) })
        case .full(let time): queue.setDue(time)
        }
    }

    private func target(of queue: Int64) throws -> String? {
        try tx.sql.first("SELECT target FROM callback_lanes WHERE id = ?1", [.integer(queue)]) { $0.text(0) }
    }

    private func update(_ queue: ReceiverQueue) throws {
        try tx.sql.execute(
            "UPDATE callback_lanes SET due_at = ?2, failures = ?3, paused_until = ?4, used_at = ?5 WHERE id = ?1",
            [
                .integer(queue.id), .timestamp(queue.dueAt), .integer(queue.breaker.failures), .timestamp(queue.breaker.pausedUntil),
                .timestamp(queue.usedAt),
            ])
    }

    /// Moves the due deliveries of deleted queues to the queue that their URL has now, or to a new one: they would never be claimed
    /// otherwise.
    ///
    /// A queue is found without a lock, so that no other transaction waits for it until the end of a batch; retention may delete it
    /// meanwhile.
    private func moveDeliveries(fromDeleted queues: [Int64]) throws {
        let stranded = try tx.sql.query(
            over: queues.map { .integer($0) },
            {
                """
                SELECT DISTINCT lane_id, account_id, url FROM callback_deliveries WHERE lane_id IN (\($0)) AND due_at IS NOT NULL
                ORDER BY lane_id, account_id, url
                """
            }
        ) { (queue: $0.integer(0), accountID: $0.integer(1), url: $0.text(2)) }
        for (old, accountID, url) in stranded {
            let queue = try findOrInsert(for: url, accountID: accountID)
            try tx.sql.execute(
                "UPDATE callback_deliveries SET lane_id = ?1 WHERE lane_id = ?2 AND account_id = ?3 AND url = ?4 AND due_at IS NOT NULL",
                [.integer(queue), .integer(old), .integer(accountID), .text(url)])
            tx.receiverQueueCache.change(queue, .due)
        }
    }
}
