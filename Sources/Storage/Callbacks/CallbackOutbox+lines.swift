import Database
package import MailModel

/// A delivery as people look at it: with the name of its event, and whose email it is about.
package struct CallbackLine: Sendable, Equatable {
    /// The delivery.
    package var delivery: CallbackDelivery
    /// The name of the event: an ``EmailStatus``, an ``AccountNotice/Event``, or ``CallbackEvent/ping``.
    package var event: String
    /// The recipient of the email; `nil` where the event is about the account.
    package var recipient: EmailAddress?
    /// The account's reference.
    package var userName: String
    /// The attempts that were made since it was enqueued or replayed.
    package var attempts: Int64
}

extension CallbackOutbox {
    /// The deliveries of all accounts that a list looks at.
    private static var mostSeen: Int { 10_000 }

    /// Returns a page of the deliveries of all accounts, newest first; of one status those among the latest ones.
    ///
    /// - Parameters:
    ///   - status: only those with this status; `nil` for all.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(status: CallbackDelivery.Status?, after: CallbackID?, limit: Int) throws -> [CallbackDelivery] {
        let condition = status == nil ? "" : "WHERE w.status = ?4"
        return try tx.sql.query(
            """
            SELECT \(CallbackRow.columns) FROM (
                SELECT \(CallbackRow.columns) FROM callback_deliveries WHERE id < ?1 ORDER BY id DESC LIMIT ?2
            ) w \(condition) ORDER BY w.id DESC LIMIT ?3
            """,
            [after.map(DatabaseValue.id) ?? .aboveAllIDs, .integer(status == nil ? limit : Self.mostSeen), .integer(limit)]
                + (status.map { [.text($0.rawValue)] } ?? []), CallbackRow.decode)
    }

    /// Returns deliveries with what people look for in them, in their order.
    ///
    /// - Parameter deliveries: a page of them.
    package func lines(of deliveries: [CallbackDelivery]) throws -> [CallbackLine] {
        let events = try tx.sql.query(
            over: deliveries.map { .id($0.id) },
            { "SELECT id, event, failures, status FROM callback_deliveries WHERE id IN (\($0))" }
        ) { row in
            let isDone = row.text(3) == CallbackDelivery.Status.delivered.rawValue
            let id: CallbackID = try row.id(0)
            return (id, (name: (try? CallbackEvent(stored: row.text(1)))?.name ?? "", attempts: row.integer(2) + (isDone ? 1 : 0)))
        }
        let known = Dictionary(events, uniquingKeysWith: { first, _ in first })
        let recipients = try recipients(of: deliveries.compactMap(\.emailID))
        let references = try tx.accounts.references(Set(deliveries.map(\.accountID)))
        return deliveries.compactMap { delivery in
            guard let event = known[delivery.id] else { return nil }
            return CallbackLine(
                delivery: delivery, event: event.name, recipient: delivery.emailID.flatMap { recipients[$0] },
                userName: references[delivery.accountID] ?? "", attempts: max(event.attempts, delivery.attempts.isEmpty ? 0 : 1))
        }
    }

    private func recipients(of emails: [EmailID]) throws -> [EmailID: EmailAddress] {
        let rows = try tx.sql.query(
            over: Set(emails).map { .id($0) }, { "SELECT id, recipient FROM emails WHERE id IN (\($0))" },
            { (try $0.emailID(0), EmailAddress(validated: $0.text(1))) })
        return Dictionary(rows, uniquingKeysWith: { first, _ in first })
    }
}

/// How the receiver at an endpoint behaves.
package struct ReceiverHealth: Sendable, Equatable {
    /// Its failures in a row, and the pause that they have led to.
    package var breaker = CallbackBreaker()
    /// When the next delivery is made; `nil` where none is queued.
    package var nextAttemptAt: Timestamp?
    /// The deliveries that are queued; at ``most`` there may be more.
    package var waiting: Int64 = 0
    /// The deliveries that were parked; `nil` where they were not counted.
    ///
    /// At ``most`` there may be more.
    package var parked: Int64?
    /// The latest failed attempt of a delivery that is queued.
    package var lastFailure: CallbackAttempt?

    /// The deliveries that are counted.
    package static let most: Int64 = 1000

    /// The health of a receiver that has got nothing yet.
    package init() {}
}

/// A receiver that keeps failing.
package struct FailingReceiver: Sendable, Equatable {
    /// The account's reference.
    package var userName: String
    /// The URL without its query.
    package var url: String
    /// The failures in a row.
    package var failures: Int64
}

extension CallbackOutbox {
    /// The failed attempts among which the latest is looked for.
    private static var mostFailures: Int { 20 }

    /// Returns how the receivers at endpoints behave, by the ids of these.
    ///
    /// - Parameter withParked: whether parked deliveries are counted, which costs more.
    package func health(of endpoints: [CallbackEndpoint], withParked: Bool) throws -> [Int64: ReceiverHealth] {
        var parked: [Int64: [String: Int64]] = [:]
        var health: [Int64: ReceiverHealth] = [:]
        for endpoint in endpoints {
            var found = try self.health(of: endpoint)
            if withParked {
                let counts = try parked[endpoint.accountID] ?? countParked(of: endpoint.accountID)
                parked[endpoint.accountID] = counts
                found.parked = counts[endpoint.url] ?? 0
            }
            health[endpoint.id] = found
        }
        return health
    }

    private func health(of endpoint: CallbackEndpoint) throws -> ReceiverHealth {
        let target = String(endpoint.url.prefix { $0 != "?" })
        let queue = try tx.sql.first(
            "SELECT \(ReceiverQueueRow.columns) FROM callback_lanes WHERE account_id = ?1 AND target = ?2",
            [.integer(endpoint.accountID), .text(target)], ReceiverQueueRow.decode)
        guard let queue else { return ReceiverHealth() }
        var health = ReceiverHealth()
        (health.breaker, health.nextAttemptAt) = (queue.breaker, queue.dueAt)
        health.waiting =
            try tx.sql.first(
                """
                SELECT COUNT(*) FROM (SELECT 1 AS one FROM callback_deliveries WHERE lane_id = ?1 AND due_at IS NOT NULL LIMIT ?2) w
                """, [.integer(queue.id), .integer(ReceiverHealth.most)]
            ) { $0.integer(0) } ?? 0
        health.lastFailure = try tx.sql.query(
            "SELECT attempts FROM callback_deliveries WHERE lane_id = ?1 AND due_at IS NOT NULL ORDER BY due_at DESC LIMIT ?2",
            [.integer(queue.id), .integer(Self.mostFailures)]
        ) { try CallbackRow.attempts($0.text(0)).last }.compactMap(\.self).max { $0.at < $1.at }
        return health
    }

    /// The number of deliveries that are parked, of all accounts; at ``ReceiverHealth/most`` there may be more.
    package func countParked() throws -> Int64 {
        try tx.sql.first(
            """
            SELECT COUNT(*) FROM (
                SELECT 1 AS one FROM callback_deliveries WHERE status = 'parked' AND status <> 'delivered' LIMIT ?1
            ) w
            """, [.integer(ReceiverHealth.most)]
        ) { $0.integer(0) } ?? 0
    }

    /// The numbers of an account's latest parked deliveries, by their URLs.
    private func countParked(of accountID: Int64) throws -> [String: Int64] {
        let rows = try tx.sql.query(
            """
            SELECT w.url, COUNT(*) FROM (
                SELECT url FROM callback_deliveries WHERE account_id = ?1 AND status = 'parked' AND status <> 'delivered'
                ORDER BY id DESC LIMIT ?2
            ) w GROUP BY w.url
            """, [.integer(accountID), .integer(ReceiverHealth.most)]
        ) { ($0.text(0), $0.integer(1)) }
        return Dictionary(rows, uniquingKeysWith: +)
    }

    /// Returns receivers that keep failing.
    ///
    /// - Parameter accountID: only this account's; `nil` for all.
    package func listFailing(of accountID: Int64?, limit: Int) throws -> [FailingReceiver] {
        let owner = accountID == nil ? "" : "AND l.account_id = ?2"
        return try tx.sql.query(
            """
            SELECT a.reference, l.target, l.failures FROM callback_lanes l JOIN accounts a ON a.id = l.account_id
            WHERE l.failures >= \(CallbackBreaker.threshold) \(owner) ORDER BY l.id LIMIT ?1
            """, [.integer(limit)] + (accountID.map { [.integer($0)] } ?? [])
        ) { FailingReceiver(userName: $0.text(0), url: $0.text(1), failures: $0.integer(2)) }
    }
}

extension CallbackEndpoints {
    /// Returns endpoints of all accounts, newest first.
    ///
    /// - Parameter after: the last one of the page before; `nil` for the first page.
    package func list(after: Int64?, limit: Int) throws -> [CallbackEndpoint] {
        try tx.sql.query(
            "SELECT \(CallbackEndpointRow.columns) FROM callback_endpoints WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)], CallbackEndpointRow.decode)
    }
}
