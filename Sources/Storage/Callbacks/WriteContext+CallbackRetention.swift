import Database
import MailModel

extension WriteContext {
    /// Deletes some of the callbacks that were delivered or parked long ago, and the lanes that nobody uses.
    ///
    /// - Returns: how many rows are gone.
    func pruneCallbacks(_ periods: RetentionPeriods, limit: Int) throws -> Int {
        let table = transaction.dialect.rest(of: "callback_deliveries")
        let deliveries = try transaction.execute(
            """
            DELETE FROM \(table) WHERE id IN (
                SELECT id FROM \(table) WHERE id < ?1 AND status <> 'pending' ORDER BY id LIMIT ?2)
            """,
            [.id(CallbackID.lowest(at: now - periods.callbacks)), .integer(limit)])
        // What is parked or waits its turn finds its lane by the URL again.
        let lanes = try transaction.execute(
            """
            DELETE FROM callback_lanes WHERE id IN (
                SELECT id FROM callback_lanes WHERE due_at IS NULL AND used_at < ?1 ORDER BY used_at LIMIT ?2)
            """,
            [.timestamp(now - periods.callbackLanes), .integer(limit)])
        return deliveries + lanes
    }
}
