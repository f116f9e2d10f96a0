import Database
import MailModel

extension WriteContext {
    /// How many receivers of one account are told apart by their path. Whoever puts an id into every path has them told apart by host.
    private static let mostLanes = 1000
    private static let columns = "id, account_id, due_at, failures, paused_until, used_at"

    /// The lane of a URL: its scheme, host, port and path.
    func lane(for url: String, accountID: Int64) throws -> CallbackLane {
        let target = url.prefix { $0 != "?" }
        let key = "\(accountID) \(target)"
        if let lane = lanes[key: key] { return lane }
        if let lane = try storedLane(String(target), accountID: accountID) {
            lanes.add(lane, key: key)
            return lane
        }
        let isCrowded = try transaction.first(
            "SELECT 1 FROM callback_lanes WHERE account_id = ?1 LIMIT 1 OFFSET \(Self.mostLanes)", [.integer(accountID)]
        ) { _ in true }
        let origin = target.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true).prefix(2).joined(separator: "//")
        let lane = try makeLane(isCrowded == true ? origin : String(target), accountID: accountID)
        lanes.add(lane, key: key)
        return lane
    }

    func lane(_ id: Int64) throws -> CallbackLane {
        if let lane = lanes[id] { return lane }
        let lane = try transaction.first(
            "SELECT \(Self.columns) FROM callback_lanes WHERE id = ?1\(transaction.dialect.forUpdate)", [.integer(id)], Self.decode)
        guard let lane else { throw StorageError.malformed("callback_deliveries.lane_id") }
        lanes.add(lane)
        return lane
    }

    private func storedLane(_ target: String, accountID: Int64) throws -> CallbackLane? {
        let found = try transaction.first(
            "SELECT \(Self.columns) FROM callback_lanes WHERE account_id = ?1 AND target = ?2\(transaction.dialect.forUpdate)",
            [.integer(accountID), .text(target)], Self.decode)
        // It may have been read by its id before, and changed since.
        return found.map { lanes[$0.id] ?? $0 }
    }

    private func makeLane(_ target: String, accountID: Int64) throws -> CallbackLane {
        if let lane = try storedLane(target, accountID: accountID) { return lane }
        let lane = try transaction.first(
            "INSERT INTO callback_lanes (account_id, target, failures, used_at) VALUES (?1, ?2, 0, ?3) RETURNING \(Self.columns)",
            [.integer(accountID), .text(target), .timestamp(now)], Self.decode)
        guard let lane else { throw StorageError.malformed("callback_lanes.id") }
        return lane
    }

    private static func decode(_ row: any DatabaseRow) -> CallbackLane {
        CallbackLane(
            id: row.integer(0), accountID: row.integer(1), dueAt: row.timestamp(2),
            breaker: CallbackBreaker(failures: row.integer(3), pausedUntil: row.timestamp(4)), usedAt: row.requiredTimestamp(5))
    }

    /// Writes the lanes that changed.
    func flushLanes() throws {
        for lane in lanes.takeChanged() {
            try transaction.execute(
                "UPDATE callback_lanes SET due_at = ?2, failures = ?3, paused_until = ?4, used_at = ?5 WHERE id = ?1",
                [
                    .integer(lane.id), .timestamp(lane.dueAt), .integer(lane.breaker.failures), .timestamp(lane.breaker.pausedUntil),
                    .timestamp(lane.usedAt),
                ])
        }
    }
}
