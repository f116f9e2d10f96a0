import Database
package import MailModel

extension CallbackOutbox where Tx == Transaction {
    /// Records the outcome of an attempt; changes nothing when the owner does not hold the lease any more.
    ///
    /// To be called with ``WriteIntent/email(_:domain:messageID:)`` of its email, whose row is locked.
    ///
    /// - Returns: the delivery's status; `nil` when another node holds the lease.
    @discardableResult
    package func record(_ outcome: CallbackOutcome, of claim: CallbackClaim, owner: String) throws -> CallbackDelivery.Status? {
        guard let status = try finish(claim.delivery.id, outcome, owner: owner) else { return nil }
        switch outcome {
        case .delivered: tx.receiverQueueCache.change(claim.queue, .succeeded)
        case .failed: tx.receiverQueueCache.change(claim.queue, .failed)
        case .refused, .released: break
        }
        tx.receiverQueueCache.change(claim.queue, .refresh(notBefore: nil))
        if status == .parked { try tx.notices.insertFailing(claim.delivery.url, of: claim.delivery.accountID) }
        return status
    }

    /// Tries a delivery again from the beginning of its schedule.
    ///
    /// One that is under way, or waits for an earlier one, is left unchanged.
    package func replay(_ delivery: CallbackDelivery) throws {
        // Whoever replays it expects the receiver to work again.
        let working = try tx.receiverQueues.findOrInsert(for: delivery.url, accountID: delivery.accountID)
        tx.receiverQueueCache.change(working, .succeeded)
        tx.callbackCache.queued.removeAll()
        let queue = try dueQueue(for: delivery.url, accountID: delivery.accountID)
        try tx.sql.execute(
            """
            UPDATE callback_deliveries SET status = 'pending', failures = 0, due_at = ?2, lane_id = ?3
            WHERE id = ?1 AND lease_owner IS NULL AND (status <> 'pending' OR due_at IS NOT NULL)
            """, [.id(delivery.id), .timestamp(tx.now), .integer(queue)])
    }

    /// Updates a delivery by the outcome of an attempt, and releases the next one of its email when it is over.
    ///
    /// - Parameter owner: the node that has to hold the lease; `nil` where none does.
    /// - Returns: the delivery's status; `nil` when another node holds the lease.
    @discardableResult
    func finish(_ id: CallbackID, _ outcome: CallbackOutcome, owner: String? = nil) throws -> CallbackDelivery.Status? {
        let row = try tx.sql.first(
            "SELECT failures, attempts, lease_owner, email_id FROM callback_deliveries WHERE id = ?1\(tx.sql.dialect.forUpdate)",
            [.id(id)]
        ) { row in
            (
                failures: Int(row.integer(0)), attempts: try CallbackRow.attempts(row.text(1)), owner: row.optionalText(2),
                emailID: row.isNull(3) ? nil : try row.emailID(3)
            )
        }
        guard let row, owner == nil || row.owner == owner else { return nil }
        // Whoever enqueues the next change of the email behind this one holds the email's row: one of the two sees the other's change.
        // Otherwise the next one could wait for ever for one that is over.
        if let email = row.emailID { _ = try tx.emails.findForUpdate(email) }
        switch outcome {
        case .delivered(let attempt): return try update(id, .delivered, row.failures, row.attempts + [attempt], dueAt: nil)
        case .refused(let attempt): return try update(id, .parked, row.failures + 1, row.attempts + [attempt], dueAt: nil)
        case .released: return try update(id, .pending, row.failures, row.attempts, dueAt: tx.now)
        case .failed(let attempt):
            let next = CallbackSchedule.nextAttempt(afterFailures: row.failures + 1, now: tx.now)
            return try update(id, next == nil ? .parked : .pending, row.failures + 1, row.attempts + [attempt], dueAt: next)
        }
    }

    private func update(
        _ id: CallbackID, _ status: CallbackDelivery.Status, _ failures: Int, _ attempts: [CallbackAttempt], dueAt: Timestamp?
    ) throws -> CallbackDelivery.Status {
        tx.callbackCache.queued.removeAll()
        try tx.sql.execute(
            "UPDATE callback_deliveries SET status = ?2, failures = ?3, attempts = ?4, due_at = ?5, lease_owner = NULL WHERE id = ?1",
            [.id(id), .text(status.rawValue), .integer(failures), .text(CallbackRow.text(of: attempts)), .timestamp(dueAt)])
        if status != .pending { try releaseNext(after: id) }
        return status
    }

    /// Makes the next delivery of the same email to the same URL due, which has waited for this one.
    func releaseNext(after id: CallbackID) throws {
        let next = try tx.sql.first(
            """
            SELECT n.id, n.due_at, n.url, n.account_id FROM callback_deliveries d JOIN callback_deliveries n ON n.email_id = d.email_id
            WHERE d.id = ?1 AND n.email_id IS NOT NULL AND n.number > d.number AND n.url = d.url AND n.status = 'pending'
            ORDER BY n.number LIMIT 1
            """, [.id(id)]
        ) { (id: try $0.id(0) as CallbackID, dueAt: $0.timestamp(1), url: $0.text(2), accountID: $0.integer(3)) }
        guard let next, next.dueAt == nil else { return }
        let queue = try dueQueue(for: next.url, accountID: next.accountID)
        try tx.sql.execute(
            "UPDATE callback_deliveries SET due_at = ?2, lane_id = ?3 WHERE id = ?1",
            [.id(next.id), .timestamp(tx.now), .integer(queue)])
    }

    /// Returns the id of a URL's queue, and marks it as due now.
    private func dueQueue(for url: String, accountID: Int64) throws -> Int64 {
        let queue = try tx.receiverQueues.findOrInsert(for: url, accountID: accountID)
        tx.receiverQueueCache.change(queue, .due)
        tx.wakeups.insert(.callbacks)
        return queue
    }
}
