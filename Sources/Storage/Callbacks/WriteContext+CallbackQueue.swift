import Database
public import MailModel

/// A delivery that a node has taken to make an attempt, with what it has to know.
public struct CallbackClaim: Sendable {
    public var delivery: CallbackDelivery
    public var event: CallbackEvent
    /// The receiver, as far as the queue tells them apart.
    public var lane: Int64
    public var secret: CallbackSecret
}

/// How a node takes callbacks out of the queue.
public struct CallbackClaimRules: Sendable {
    /// The node that claims.
    public var owner: String
    /// How long a claim holds; longer than an attempt may take.
    public var lease: Duration
    /// How many attempts may be under way to one receiver.
    public var perReceiver: Int
    /// How many receivers are looked at in one claim.
    public var receivers: Int

    public init(owner: String, lease: Duration = .seconds(30), perReceiver: Int = 32, receivers: Int = 64) {
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
    public func claimCallbacks(_ rules: CallbackClaimRules, limit: Int, underWay: [Int64: Int]) throws -> [CallbackClaim] {
        let due = try transaction.query(
            """
            SELECT id FROM callback_lanes WHERE due_at IS NOT NULL AND due_at <= ?1
            ORDER BY due_at LIMIT ?2\(transaction.dialect.forUpdateSkipLocked)
            """,
            [.timestamp(now), .integer(rules.receivers)]
        ) { $0.integer(0) }
        var claims: [CallbackClaim] = []
        for id in due where claims.count < limit {
            // A part of what is free for each, so that there is something left for whoever comes next.
            let share = max(1, (limit - claims.count) / 4)
            claims += try claim(from: try lane(id), rules, share: share, underWay: underWay[id] ?? 0)
        }
        return claims
    }

    private func claim(
        from lane: CallbackLane, _ rules: CallbackClaimRules, share: Int, underWay: Int
    ) throws -> [CallbackClaim] {
        var lane = lane
        let bound = lane.breaker.isFailing ? CallbackBreaker.probes : rules.perReceiver
        let limit = min(share, max(0, bound - underWay))
        let claims = try limit == 0 ? [] : claimDeliveries(of: lane, rules, limit: limit)
        if underWay + claims.count >= bound {
            // Whichever attempt ends first looks what is due then; should its node die, the leases are over by this time.
            lane.setDue(now + rules.lease)
        } else {
            // Not before now: the other receivers that are due come first.
            lane.setDue(try firstDue(in: lane.id).map { max($0, now) })
        }
        lanes.change(lane)
        return claims
    }

    private func claimDeliveries(of lane: CallbackLane, _ rules: CallbackClaimRules, limit: Int) throws -> [CallbackClaim] {
        let due = try transaction.query(
            """
            SELECT id, endpoint_id, event FROM callback_deliveries
            WHERE lane_id = ?1 AND due_at IS NOT NULL AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3
            """,
            [.integer(lane.id), .timestamp(now), .integer(limit)]
        ) { (id: try $0.callbackID(0), endpoint: $0.optionalInteger(1), event: try CallbackEvent(stored: $0.text(2))) }
        var claims: [CallbackClaim] = []
        for (id, endpoint, event) in due {
            if let reason = try reasonToPark(id, endpoint: endpoint, lane: lane) {
                try finish(id, .refused(CallbackAttempt(at: now, error: reason)))
            } else {
                try transaction.execute(
                    "UPDATE callback_deliveries SET due_at = ?2, lease_owner = ?3 WHERE id = ?1",
                    [.callbackID(id), .timestamp(now + rules.lease), .text(rules.owner)])
                guard let delivery = try callbackDelivery(id) else { continue }
                claims.append(
                    CallbackClaim(
                        delivery: delivery, event: event, lane: lane.id, secret: try callbackSecret(of: delivery.accountID)))
            }
        }
        return claims
    }

    /// Why a delivery is not tried any more, before an attempt is made.
    private func reasonToPark(_ id: CallbackID, endpoint: Int64?, lane: CallbackLane) throws -> String? {
        if let endpoint, try !knownEndpoints(of: lane.accountID).contains(where: { $0.id == endpoint && $0.isActive }) {
            return "The endpoint was deleted or is not active."
        }
        // Behind a receiver that fails for longer than the whole schedule the queue must not grow without end.
        if lane.breaker.isFailing, id.bytes.lexicographicallyPrecedes(CallbackID.lowest(at: now - CallbackSchedule.span).bytes) {
            return "The receiver has failed for too long."
        }
        return nil
    }

    /// Records what came of an attempt. Nothing is changed when the delivery is not this owner's any more.
    public func record(_ outcome: CallbackOutcome, of claim: CallbackClaim, owner: String) throws {
        let isOwn = try transaction.first(
            "SELECT 1 FROM callback_deliveries WHERE id = ?1 AND lease_owner = ?2 AND status = 'pending'",
            [.callbackID(claim.delivery.id), .text(owner)]
        ) { _ in true }
        guard isOwn == true else { return }
        try finish(claim.delivery.id, outcome)
        var lane = try lane(claim.lane)
        switch outcome {
        case .delivered: lane.breaker.recordSuccess()
        case .failed: lane.breaker.recordFailure(at: now)
        case .refused, .released: break
        }
        lane.setDue(try firstDue(in: lane.id))
        lanes.change(lane)
    }

    private func firstDue(in lane: Int64) throws -> Timestamp? {
        try transaction.first(
            "SELECT due_at FROM callback_deliveries WHERE lane_id = ?1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1", [.integer(lane)]
        ) { $0.requiredTimestamp(0) }
    }

    /// Brings a delivery to where an attempt has led it, and lets the next of its email go when it is over.
    private func finish(_ id: CallbackID, _ outcome: CallbackOutcome) throws {
        let row = try transaction.first("SELECT failures, attempts FROM callback_deliveries WHERE id = ?1", [.callbackID(id)]) {
            (failures: Int($0.integer(0)), attempts: try CallbackRow.attempts($0.text(1)))
        }
        guard let row else { return }
        switch outcome {
        case .delivered(let attempt): try write(id, .delivered, row.failures, row.attempts + [attempt], dueAt: nil)
        case .refused(let attempt): try write(id, .parked, row.failures + 1, row.attempts + [attempt], dueAt: nil)
        case .released: try write(id, .pending, row.failures, row.attempts, dueAt: now)
        case .failed(let attempt):
            let next = CallbackSchedule.nextAttempt(afterFailures: row.failures + 1, now: now)
            try write(id, next == nil ? .parked : .pending, row.failures + 1, row.attempts + [attempt], dueAt: next)
        }
    }

    private func write(
        _ id: CallbackID, _ status: CallbackDelivery.Status, _ failures: Int, _ attempts: [CallbackAttempt], dueAt: Timestamp?
    ) throws {
        try transaction.execute(
            "UPDATE callback_deliveries SET status = ?2, failures = ?3, attempts = ?4, due_at = ?5, lease_owner = NULL WHERE id = ?1",
            [.callbackID(id), .text(status.rawValue), .integer(failures), .text(CallbackRow.text(of: attempts)), .timestamp(dueAt)])
        if status != .pending { try releaseNext(after: id) }
    }

    /// The next delivery of the same email to the same URL waits no longer.
    private func releaseNext(after id: CallbackID) throws {
        let next = try transaction.first(
            """
            SELECT n.id, n.due_at, n.url, n.account_id FROM callback_deliveries d JOIN callback_deliveries n ON n.email_id = d.email_id
            WHERE d.id = ?1 AND n.email_id IS NOT NULL AND n.number > d.number AND n.url = d.url AND n.status = 'pending'
            ORDER BY n.number LIMIT 1
            """, [.callbackID(id)]
        ) { (id: try $0.callbackID(0), dueAt: $0.timestamp(1), url: $0.text(2), accountID: $0.integer(3)) }
        guard let next, next.dueAt == nil else { return }
        let lane = try dueLane(for: next.url, accountID: next.accountID)
        try transaction.execute(
            "UPDATE callback_deliveries SET due_at = ?2, lane_id = ?3 WHERE id = ?1",
            [.callbackID(next.id), .timestamp(now), .integer(lane.id)])
    }

    /// Tries a delivery again from the beginning of its schedule. One that is under way, or waits for an earlier one, is left alone.
    public func replay(_ delivery: CallbackDelivery) throws {
        let lane = try dueLane(for: delivery.url, accountID: delivery.accountID)
        try transaction.execute(
            """
            UPDATE callback_deliveries SET status = 'pending', failures = 0, due_at = ?2, lane_id = ?3
            WHERE id = ?1 AND lease_owner IS NULL AND (status <> 'pending' OR due_at IS NOT NULL)
            """, [.callbackID(delivery.id), .timestamp(now), .integer(lane.id)])
    }

    /// The lane of a URL, of which something is due now.
    private func dueLane(for url: String, accountID: Int64) throws -> CallbackLane {
        var lane = try lane(for: url, accountID: accountID)
        lane.isDue(at: now)
        lane.usedAt = now
        lanes.change(lane)
        queuedCallbacks = true
        return lane
    }
}
