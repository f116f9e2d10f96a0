import Database
package import MailModel

extension WriteContext {
    /// Records what came of an attempt. Nothing is changed when the delivery is not this owner's any more.
    ///
    /// To be called with ``WriteIntent/email(_:domain:messageID:)`` of its email, whose row is locked.
    ///
    /// - Returns: where the delivery has come to; `nil` when it is another's by now.
    @discardableResult
    package func record(_ outcome: CallbackOutcome, of claim: CallbackClaim, owner: String) throws -> CallbackDelivery.Status? {
        guard let status = try finish(claim.delivery.id, outcome, owner: owner) else { return nil }
        switch outcome {
        case .delivered: lanes.change(claim.lane, .succeeded)
        case .failed: lanes.change(claim.lane, .failed)
        case .refused, .released: break
        }
        lanes.change(claim.lane, .look(notBefore: nil))
        return status
    }

    /// Brings a delivery to where an attempt has led it, and lets the next of its email go when it is over.
    ///
    /// - Parameter owner: who has to hold the lease; `nil` where nobody does.
    /// - Returns: where it has come to; `nil` when it is another's by now.
    @discardableResult
    func finish(_ id: CallbackID, _ outcome: CallbackOutcome, owner: String? = nil) throws -> CallbackDelivery.Status? {
        let row = try transaction.first(
            "SELECT failures, attempts, lease_owner, email_id FROM callback_deliveries WHERE id = ?1\(transaction.dialect.forUpdate)",
            [.id(id)]
        ) { row in
            (
                failures: Int(row.integer(0)), attempts: try CallbackRow.attempts(row.text(1)), owner: row.optionalText(2),
                emailID: row.isNull(3) ? nil : try row.emailID(3)
            )
        }
        guard let row, owner == nil || row.owner == owner else { return nil }
        // Whoever puts the next change of the email behind this one holds its row: one of the two sees what the other did. Else the next one
        // could wait for ever for one that is over.
        if let email = row.emailID { _ = try emailState(email) }
        switch outcome {
        case .delivered(let attempt): return try write(id, .delivered, row.failures, row.attempts + [attempt], dueAt: nil)
        case .refused(let attempt): return try write(id, .parked, row.failures + 1, row.attempts + [attempt], dueAt: nil)
        case .released: return try write(id, .pending, row.failures, row.attempts, dueAt: now)
        case .failed(let attempt):
            let next = CallbackSchedule.nextAttempt(afterFailures: row.failures + 1, now: now)
            return try write(id, next == nil ? .parked : .pending, row.failures + 1, row.attempts + [attempt], dueAt: next)
        }
    }

    private func write(
        _ id: CallbackID, _ status: CallbackDelivery.Status, _ failures: Int, _ attempts: [CallbackAttempt], dueAt: Timestamp?
    ) throws -> CallbackDelivery.Status {
        told.removeAll()
        try transaction.execute(
            "UPDATE callback_deliveries SET status = ?2, failures = ?3, attempts = ?4, due_at = ?5, lease_owner = NULL WHERE id = ?1",
            [.id(id), .text(status.rawValue), .integer(failures), .text(CallbackRow.text(of: attempts)), .timestamp(dueAt)])
        if status != .pending { try releaseNext(after: id) }
        return status
    }

    /// The next delivery of the same email to the same URL waits no longer.
    func releaseNext(after id: CallbackID) throws {
        let next = try transaction.first(
            """
            SELECT n.id, n.due_at, n.url, n.account_id FROM callback_deliveries d JOIN callback_deliveries n ON n.email_id = d.email_id
            WHERE d.id = ?1 AND n.email_id IS NOT NULL AND n.number > d.number AND n.url = d.url AND n.status = 'pending'
            ORDER BY n.number LIMIT 1
            """, [.id(id)]
        ) { (id: try $0.id(0) as CallbackID, dueAt: $0.timestamp(1), url: $0.text(2), accountID: $0.integer(3)) }
        guard let next, next.dueAt == nil else { return }
        let lane = try dueLane(for: next.url, accountID: next.accountID)
        try transaction.execute(
            "UPDATE callback_deliveries SET due_at = ?2, lane_id = ?3 WHERE id = ?1",
            [.id(next.id), .timestamp(now), .integer(lane)])
    }

    /// Tries a delivery again from the beginning of its schedule. One that is under way, or waits for an earlier one, is left alone.
    package func replay(_ delivery: CallbackDelivery) throws {
        // Whoever asks for it believes that the receiver is well again.
        lanes.change(try lane(for: delivery.url, accountID: delivery.accountID), .succeeded)
        told.removeAll()
        let lane = try dueLane(for: delivery.url, accountID: delivery.accountID)
        try transaction.execute(
            """
            UPDATE callback_deliveries SET status = 'pending', failures = 0, due_at = ?2, lane_id = ?3
            WHERE id = ?1 AND lease_owner IS NULL AND (status <> 'pending' OR due_at IS NOT NULL)
            """, [.id(delivery.id), .timestamp(now), .integer(lane)])
    }

    /// The lane of a URL, of which something is due now.
    private func dueLane(for url: String, accountID: Int64) throws -> Int64 {
        let lane = try lane(for: url, accountID: accountID)
        lanes.change(lane, .due)
        wakeups.insert(.callbacks)
        return lane
    }
}
