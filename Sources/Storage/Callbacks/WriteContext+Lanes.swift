import Database
import MailModel

extension WriteContext {
    /// How many receivers of one account are told apart by their path. Whoever puts an id into every path has them told apart by host.
    private static let mostLanes = 1000
    private static let columns = "id, account_id, due_at, failures, paused_until, used_at"

    /// The id of the lane of a URL: its scheme, host, port and path.
    func lane(for url: String, accountID: Int64) throws -> Int64 {
        let target = url.prefix { $0 != "?" }
        let key = "\(accountID) \(target)"
        if let lane = lanes[key] { return lane }
        let lane = try storedLane(String(target), accountID: accountID) ?? newLane(for: target, accountID: accountID)
        lanes[key] = lane
        return lane
    }

    private func newLane(for target: Substring, accountID: Int64) throws -> Int64 {
        let isCrowded = try transaction.first(
            "SELECT 1 FROM callback_lanes WHERE account_id = ?1 LIMIT 1 OFFSET \(Self.mostLanes)", [.integer(accountID)]
        ) { _ in true }
        let origin = target.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).prefix(2).joined(separator: "//")
        return try makeLane(isCrowded == true ? origin : String(target), accountID: accountID)
    }

    private func storedLane(_ target: String, accountID: Int64) throws -> Int64? {
        try transaction.first(
            "SELECT id FROM callback_lanes WHERE account_id = ?1 AND target = ?2", [.integer(accountID), .text(target)]
        ) { $0.integer(0) }
    }

    private func makeLane(_ target: String, accountID: Int64) throws -> Int64 {
        try transaction.execute(
            "INSERT INTO callback_lanes (account_id, target, failures, used_at) VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING",
            [.integer(accountID), .text(target), .timestamp(now)])
        guard let lane = try storedLane(target, accountID: accountID) else { throw StorageError.malformed("callback_lanes.id") }
        return lane
    }

    /// The lanes of which something is due, the longest waiting first. They are not locked.
    func dueLanes(limit: Int) throws -> [ReceiverQueue] {
        try transaction.query(
            "SELECT \(Self.columns) FROM callback_lanes WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?2",
            [.timestamp(now), .integer(limit)], Self.decode)
    }

    private static func decode(_ row: any DatabaseRow) -> ReceiverQueue {
        ReceiverQueue(
            id: row.integer(0), accountID: row.integer(1), dueAt: row.timestamp(2),
            breaker: CallbackBreaker(failures: row.integer(3), pausedUntil: row.timestamp(4)), usedAt: row.requiredTimestamp(5))
    }

    /// Locks the lanes that changed and writes what becomes of them. What was to go through a lane that is gone goes through another one.
    func flushLanes() throws {
        var changed = lanes.takeChanges()
        while !changed.isEmpty {
            try moveDeliveries(fromDeleted: apply(changed))
            changed = lanes.takeChanges()
        }
    }

    /// - Returns: the lanes that were deleted since this transaction looked them up.
    private func apply(_ changed: [(id: Int64, changes: [ReceiverQueueChange])]) throws -> [Int64] {
        let lock = transaction.dialect.forUpdate
        let rows = try transaction.query(
            over: changed.map { .integer($0.id) },
            { "SELECT \(Self.columns) FROM callback_lanes WHERE id IN (\($0)) ORDER BY id\(lock)" }, Self.decode)
        let found = Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, changes) in changed {
            guard var lane = found[id] else { continue }
            for change in changes { try apply(change, to: &lane) }
            try write(lane)
        }
        return changed.map(\.id).filter { found[$0] == nil }
    }

    /// A lane is looked up without a lock, so that nobody waits for it until the end of a batch. Where retention has deleted it in between, its
    /// deliveries get the lane that their URL has now, or a new one: nobody would claim them otherwise.
    private func moveDeliveries(fromDeleted lanes: [Int64]) throws {
        let stranded = try transaction.query(
            over: lanes.map { .integer($0) },
            {
                """
                SELECT DISTINCT lane_id, account_id, url FROM callback_deliveries WHERE lane_id IN (\($0)) AND due_at IS NOT NULL
                ORDER BY lane_id, account_id, url
                """
            }
        ) { (lane: $0.integer(0), accountID: $0.integer(1), url: $0.text(2)) }
        for (old, accountID, url) in stranded {
            let lane = try lane(for: url, accountID: accountID)
            try transaction.execute(
                "UPDATE callback_deliveries SET lane_id = ?1 WHERE lane_id = ?2 AND account_id = ?3 AND url = ?4 AND due_at IS NOT NULL",
                [.integer(lane), .integer(old), .integer(accountID), .text(url)])
            self.lanes.change(lane, .due)
        }
    }

    private func apply(_ change: ReceiverQueueChange, to lane: inout ReceiverQueue) throws {
        switch change {
        case .due:
            lane.isDue(at: now)
            lane.usedAt = now
        case .succeeded: lane.breaker.recordSuccess()
        case .failed: lane.breaker.recordFailure(at: now)
        case .look(let earliest): lane.setDue(try firstDue(in: lane.id).map { max($0, earliest ?? $0) })
        case .full(let time): lane.setDue(time)
        }
    }

    private func write(_ lane: ReceiverQueue) throws {
        try transaction.execute(
            "UPDATE callback_lanes SET due_at = ?2, failures = ?3, paused_until = ?4, used_at = ?5 WHERE id = ?1",
            [
                .integer(lane.id), .timestamp(lane.dueAt), .integer(lane.breaker.failures), .timestamp(lane.breaker.pausedUntil),
                .timestamp(lane.usedAt),
            ])
    }
}
