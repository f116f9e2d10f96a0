import Database
import MailModel

extension WriteContext {
    /// Deletes some of the callbacks that were delivered or parked long ago, unless somebody replays them at this moment. Where there are
    /// partitions, these are the ones that lie in none.
    ///
    /// - Returns: how many are gone.
    func pruneCallbacks(before time: Timestamp, limit: Int) throws -> Int {
        let table = transaction.dialect.rest(of: "callback_deliveries")
        return try transaction.execute(
            """
            DELETE FROM \(table) WHERE status <> 'pending' AND id IN (
                SELECT id FROM \(table) WHERE id < ?1 AND status <> 'pending' ORDER BY id LIMIT ?2\(transaction.dialect.forUpdateSkipLocked))
            """, [.id(CallbackID.lowest(at: time)), .integer(limit)])
    }

    /// Deletes some of the lanes that are not in use. What is parked or waits its turn finds its lane by the URL again.
    ///
    /// - Returns: how many are gone.
    func pruneLanes(before time: Timestamp, limit: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM callback_lanes WHERE due_at IS NULL AND used_at < ?1 AND id IN (
                SELECT id FROM callback_lanes WHERE due_at IS NULL AND used_at < ?1 ORDER BY used_at
                LIMIT ?2\(transaction.dialect.forUpdateSkipLocked))
            """, [.timestamp(time), .integer(limit)])
    }
}
