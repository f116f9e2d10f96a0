package import Concurrency
import Database
import MailModel

extension CallbackOutbox where Tx == Transaction {
    /// Claims deliveries that are due, in turn from all receivers: one with a long queue or without an answer does not block the others,
    /// and an account with many such receivers does not block other accounts.
    ///
    /// - Parameters:
    ///   - limit: the most deliveries that are claimed.
    ///   - underWay: how many attempts this node has under way, by the id of the receiver's queue.
    ///   - accounts: the attempts of each account that this node has under way; `nil` for no shares.
    package func claim(
        _ rules: CallbackClaimRules, limit: Int, underWay: [Int64: Int], accounts: FairShares<Int64>? = nil
    ) throws -> ClaimedCallbacks {
        var claimed = ClaimedCallbacks()
        var shares = accounts ?? FairShares(capacity: .max)
        for queue in try tx.receiverQueues.listDue(limit: rules.receivers, except: accounts?.exhausted ?? [])
        where claimed.claims.count < limit {
            let free = accounts == nil ? limit : shares.available(to: queue.accountID)
            // It stays due, and is found once an attempt of the account has ended.
            guard free > 0 else { continue }
            // A part of what is free for each, so that some is left for the queues behind it.
            let share = min(free, max(1, (limit - claimed.claims.count) / 4))
            let part = try claim(from: queue, rules, share: share, underWay: underWay[queue.id] ?? 0)
            claimed.claims += part.claims
            claimed.unreadable += part.unreadable
            shares.add(part.claims.count, to: queue.accountID)
        }
        return claimed
    }

    private func claim(from queue: ReceiverQueue, _ rules: CallbackClaimRules, share: Int, underWay: Int) throws -> ClaimedCallbacks {
        let bound = queue.breaker.isFailing ? CallbackBreaker.probes : rules.perReceiver
        let limit = min(share, max(0, bound - underWay))
        let claimed = try limit == 0 ? ClaimedCallbacks() : claimDue(in: queue, rules, limit: limit)
        if underWay + claimed.claims.count >= bound {
            // The attempt that ends first refreshes the queue; should its node die, the leases are over by this time.
            tx.receiverQueueCache.change(queue.id, .full(until: tx.now + rules.lease))
        } else {
            // Not before now: the other receivers that are due come first.
            tx.receiverQueueCache.change(queue.id, .refresh(notBefore: tx.now))
        }
        return claimed
    }

    private func claimDue(in queue: ReceiverQueue, _ rules: CallbackClaimRules, limit: Int) throws -> ClaimedCallbacks {
        var claimed = ClaimedCallbacks()
        var due: [DueCallback] = []
        for (key, row) in try selectDue(in: queue, limit: limit) {
            switch row {
            case .success(let callback): due.append(callback)
            // One that cannot be read must not block the others of its receiver.
            case .failure(let error): claimed.unreadable.append(try parkUnreadable(key, error))
            }
        }
        guard !due.isEmpty else { return claimed }
        let secret = try tx.callbackEndpoints.secret(of: queue.accountID)
        for callback in due {
            if let reason = try reasonToPark(callback, in: queue) {
                try finish(callback.delivery.id, .refused(CallbackAttempt(at: tx.now, error: reason)))
            } else {
                try lease(callback, rules)
                let kind = try endpoint(of: callback, in: queue)?.kind ?? .martlet
                claimed.claims.append(
                    CallbackClaim(delivery: callback.delivery, event: callback.event, queue: queue.id, secret: secret, kind: kind))
            }
        }
        return claimed
    }

    /// Locks deliveries that are due and that no other node is claiming, and reads them one by one.
    private func selectDue(in queue: ReceiverQueue, limit: Int) throws -> [(key: [UInt8], row: Result<DueCallback, any Error>)] {
        try tx.sql.query(
            """
            SELECT \(CallbackRow.columns), endpoint_id, event FROM callback_deliveries
            WHERE lane_id = ?1 AND due_at IS NOT NULL AND due_at <= ?2
            ORDER BY due_at, id LIMIT ?3\(tx.sql.dialect.forUpdateSkipLocked)
            """,
            [.integer(queue.id), .timestamp(tx.now), .integer(limit)]
        ) { row in (row.blob(0), Result { try DueCallback(row) }) }
    }

    private func lease(_ callback: DueCallback, _ rules: CallbackClaimRules) throws {
        try tx.sql.execute(
            "UPDATE callback_deliveries SET due_at = ?2, lease_owner = ?3 WHERE id = ?1",
            [.id(callback.delivery.id), .timestamp(tx.now + rules.lease), .text(rules.owner)])
    }

    /// Parks a delivery whose row cannot be read.
    ///
    /// It is listed with the reason, in place of its attempts.
    private func parkUnreadable(_ key: [UInt8], _ error: any Error) throws -> UnreadableCallback {
        let attempt = CallbackAttempt(at: tx.now, error: "The stored callback could not be read.")
        try tx.sql.execute(
            "UPDATE callback_deliveries SET status = ?2, attempts = ?3, due_at = NULL, lease_owner = NULL WHERE id = ?1",
            [.blob(key), .text(CallbackDelivery.Status.parked.rawValue), .text(CallbackRow.text(of: [attempt]))])
        let id = CallbackID(bytes: key)
        if let id { try releaseNext(after: id) }
        return UnreadableCallback(id: id?.description ?? "\(key)", reason: "\(error)")
    }

    /// Returns the endpoint that a callback goes to; `nil` for a URL of the email's own, and where it was deleted.
    private func endpoint(of callback: DueCallback, in queue: ReceiverQueue) throws -> CallbackEndpoint? {
        guard let id = callback.endpointID else { return nil }
        return try tx.callbackEndpoints.known(of: queue.accountID).first { $0.id == id }
    }

    /// Returns why no further attempt is made; `nil` where one is.
    private func reasonToPark(_ callback: DueCallback, in queue: ReceiverQueue) throws -> String? {
        if callback.endpointID != nil, try endpoint(of: callback, in: queue)?.isActive != true {
            return "The endpoint was deleted or is not active."
        }
        // Behind a receiver that fails for longer than the whole schedule the queue must not grow without end.
        guard queue.breaker.isFailing else { return nil }
        let oldest = CallbackID.lowest(at: tx.now - CallbackSchedule.span)
        return callback.delivery.id.bytes.lexicographicallyPrecedes(oldest.bytes) ? "The receiver has failed for too long." : nil
    }
}

/// A delivery that is due, read from ``CallbackRow/columns`` and `endpoint_id, event` behind them.
private struct DueCallback {
    var delivery: CallbackDelivery
    /// `nil` for a URL of the email's own, and for a trial call.
    var endpointID: Int64?
    var event: CallbackEvent

    init(_ row: any DatabaseRow) throws {
        delivery = try CallbackRow.decode(row)
        endpointID = row.optionalInteger(CallbackRow.columnCount)
        event = try CallbackEvent(stored: row.text(CallbackRow.columnCount + 1))
    }
}
