import Database
package import MailModel

/// A delivery that a node has taken to make an attempt, with what it has to know.
package struct CallbackClaim: Sendable {
    package var delivery: CallbackDelivery
    package var event: CallbackEvent
    /// The receiver, as far as the queue tells them apart.
    package var lane: Int64
    package var secret: CallbackSecret
}

/// A callback whose row could not be read; it is parked.
package struct UnreadableCallback: Sendable {
    package var id: String
    package var reason: String
}

/// How a node takes callbacks out of the queue.
package struct CallbackClaimRules: Sendable {
    /// The node that claims.
    package var owner: String
    /// How long a claim holds; longer than an attempt may take.
    package var lease: Duration
    /// How many attempts may be under way to one receiver.
    package var perReceiver: Int
    /// How many receivers are looked at in one claim.
    package var receivers: Int

    package init(owner: String, lease: Duration = .seconds(30), perReceiver: Int = 32, receivers: Int = 64) {
        self.owner = owner
        self.lease = lease
        self.perReceiver = perReceiver
        self.receivers = receivers
    }
}

extension WriteContext {
    /// Takes deliveries that are due, in turn from all receivers: one with a long queue or without an answer does not keep others waiting.
    ///
    /// - Parameters:
    ///   - limit: at most this many.
    ///   - underWay: how many attempts this node has under way, by receiver.
    package func claimCallbacks(_ rules: CallbackClaimRules, limit: Int, underWay: [Int64: Int]) throws -> [CallbackClaim] {
        var claims: [CallbackClaim] = []
        for lane in try dueLanes(limit: rules.receivers) where claims.count < limit {
            // A part of what is free for each, so that there is something left for whoever comes next.
            let share = max(1, (limit - claims.count) / 4)
            claims += try claim(from: lane, rules, share: share, underWay: underWay[lane.id] ?? 0)
        }
        return claims
    }

    private func claim(
        from lane: ReceiverQueue, _ rules: CallbackClaimRules, share: Int, underWay: Int
    ) throws -> [CallbackClaim] {
        let bound = lane.breaker.isFailing ? CallbackBreaker.probes : rules.perReceiver
        let limit = min(share, max(0, bound - underWay))
        let claims = try limit == 0 ? [] : claimDeliveries(of: lane, rules, limit: limit)
        if underWay + claims.count >= bound {
            // Whichever attempt ends first looks what is due then; should its node die, the leases are over by this time.
            lanes.change(lane.id, .full(until: now + rules.lease))
        } else {
            // Not before now: the other receivers that are due come first.
            lanes.change(lane.id, .look(notBefore: now))
        }
        return claims
    }

    private func claimDeliveries(of lane: ReceiverQueue, _ rules: CallbackClaimRules, limit: Int) throws -> [CallbackClaim] {
        let due = try transaction.query(
            """
            SELECT \(CallbackRow.columns), endpoint_id, event FROM callback_deliveries
            WHERE lane_id = ?1 AND due_at IS NOT NULL AND due_at <= ?2
            ORDER BY due_at, id LIMIT ?3\(transaction.dialect.forUpdateSkipLocked)
            """,
            [.integer(lane.id), .timestamp(now), .integer(limit)]
        ) { row in
            let next = CallbackRow.columnCount
            let endpoint = row.optionalInteger(next)
            return (
                key: row.blob(0), due: Result { (try CallbackRow.decode(row), endpoint, try CallbackEvent(stored: row.text(next + 1))) }
            )
        }.compactMap { key, due in
            // One that cannot be read must not keep the others of its receivers from going.
            if case .failure(let error) = due { try parkUnreadable(key, error) }
            return try? due.get()
        }
        guard !due.isEmpty else { return [] }
        let secret = try callbackSecret(of: lane.accountID)
        var claims: [CallbackClaim] = []
        for (delivery, endpoint, event) in due {
            if let reason = try reasonToPark(delivery.id, endpoint: endpoint, lane: lane) {
                try finish(delivery.id, .refused(CallbackAttempt(at: now, error: reason)))
            } else {
                try transaction.execute(
                    "UPDATE callback_deliveries SET due_at = ?2, lease_owner = ?3 WHERE id = ?1",
                    [.id(delivery.id), .timestamp(now + rules.lease), .text(rules.owner)])
                claims.append(CallbackClaim(delivery: delivery, event: event, lane: lane.id, secret: secret))
            }
        }
        return claims
    }

    /// Parks a delivery whose row cannot be read; it is listed with the reason, in place of what was to be read of its attempts.
    private func parkUnreadable(_ key: [UInt8], _ error: any Error) throws {
        let attempt = CallbackAttempt(at: now, error: "The stored callback could not be read.")
        try transaction.execute(
            "UPDATE callback_deliveries SET status = ?2, attempts = ?3, due_at = NULL, lease_owner = NULL WHERE id = ?1",
            [.blob(key), .text(CallbackDelivery.Status.parked.rawValue), .text(CallbackRow.text(of: [attempt]))])
        let id = CallbackID(bytes: key)
        unreadableCallbacks.append(UnreadableCallback(id: id?.description ?? "\(key)", reason: "\(error)"))
        if let id { try releaseNext(after: id) }
    }

    /// Why a delivery is not tried any more, before an attempt is made.
    private func reasonToPark(_ id: CallbackID, endpoint: Int64?, lane: ReceiverQueue) throws -> String? {
        if let endpoint, try !knownEndpoints(of: lane.accountID).contains(where: { $0.id == endpoint && $0.isActive }) {
            return "The endpoint was deleted or is not active."
        }
        // Behind a receiver that fails for longer than the whole schedule the queue must not grow without end.
        if lane.breaker.isFailing, id.bytes.lexicographicallyPrecedes(CallbackID.lowest(at: now - CallbackSchedule.span).bytes) {
            return "The receiver has failed for too long."
        }
        return nil
    }

    /// When the first of a receiver's deliveries is due; `nil` when none is.
    func firstDue(in lane: Int64) throws -> Timestamp? {
        try transaction.first(
            "SELECT due_at FROM callback_deliveries WHERE lane_id = ?1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1", [.integer(lane)]
        ) { $0.requiredTimestamp(0) }
    }
}
