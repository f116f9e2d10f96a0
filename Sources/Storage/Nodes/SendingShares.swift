import Database
package import MailModel

extension Transaction {
    /// The shares that nodes have of the sending rate.
    package var sendingShares: SendingShares { SendingShares(tx: self) }
}

/// The shares that nodes have of the sending rate, and the provider's remaining daily quota.
///
/// The shares of all live nodes never add up to more than the rate (specification 6.4). An engine with one writer serves one node, which
/// has the whole rate.
package struct SendingShares {
    let tx: Transaction

    /// How long a node is remembered after its share has expired.
    private static let memory: Duration = .seconds(60)

    /// Renews a node's share of the sending rate.
    ///
    /// To be called with ``WriteIntent/sendingShare``, under whose lock the nodes come one by one.
    package func renew(_ report: SendingReport) throws -> SendingGrant {
        try lock()
        guard hasManyNodes else {
            return SendingGrant(share: report.rate.total, isAlone: true, remaining: try updateRemaining(report))
        }
        // A share that expires later than a new one would was granted by a clock ahead.
        try tx.sql.execute(
            "DELETE FROM sending_shares WHERE (expires_at < ?1 OR expires_at > ?2) AND node <> ?3",
            [.timestamp(tx.now - Self.memory), .timestamp(tx.now + RateLease.length + Self.memory), .text(report.node)])
        let others = try tx.sql.query(
            "SELECT node, share, expires_at FROM sending_shares WHERE node <> ?1", [.text(report.node)]
        ) { (node: $0.text(0), share: $0.real(1), expiresAt: $0.requiredTimestamp(2)) }
        let live = others.filter { $0.expiresAt > tx.now }
        let share = report.rate.grant(
            rank: live.count { $0.node < report.node }, of: live.count + 1, held: live.reduce(0) { $0 + $1.share })
        try store(share, of: report.node, until: tx.now + RateLease.length)
        return SendingGrant(share: share, isAlone: others.isEmpty, remaining: try updateRemaining(report))
    }

    /// Releases a node's share, so that the others divide it at their next renewal.
    package func release(of node: String) throws {
        guard hasManyNodes else { return }
        try lock()
        try store(0, of: node, until: tx.now)
    }

    /// Locks the row under which shares are granted and released.
    func lock() throws {
        try tx.sql.execute("INSERT INTO sending_quota (id) VALUES (1) ON CONFLICT DO NOTHING")
        _ = try tx.sql.query("SELECT id FROM sending_quota WHERE id = 1\(tx.sql.dialect.forUpdate)", []) { _ in }
    }

    private var hasManyNodes: Bool { !tx.sql.dialect.forUpdate.isEmpty }

    private func store(_ share: Double, of node: String, until time: Timestamp) throws {
        try tx.sql.execute(
            """
            INSERT INTO sending_shares (node, share, expires_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (node) DO UPDATE SET share = excluded.share, expires_at = excluded.expires_at
            """,
            [.text(node), .real(share), .timestamp(time)])
    }

    /// Updates the remaining quota: the provider's latest figure counts, less what was sent since.
    private func updateRemaining(_ report: SendingReport) throws -> Int64? {
        if report.sent != 0 || report.remaining != nil {
            try tx.sql.execute(
                "UPDATE sending_quota SET remaining = COALESCE(?1, remaining - ?2) WHERE id = 1",
                [.integer(report.remaining), .integer(report.sent)])
        }
        return try tx.sql.first("SELECT remaining FROM sending_quota WHERE id = 1") { $0.optionalInteger(0) } ?? nil
    }
}

/// The report of a sending node, with which it renews its share of the sending rate.
package struct SendingReport: Sendable {
    /// The name of the node.
    package var node: String
    /// The sending rate of all nodes together.
    package var rate: SharedRate
    /// Messages handed to the provider since the last report.
    package var sent: Int64
    /// The provider's remaining daily quota in messages, where it was read since the last report.
    package var remaining: Int64?

    /// A report of a node; see the properties for the units.
    package init(node: String, rate: SharedRate, sent: Int64, remaining: Int64?) {
        self.node = node
        self.rate = rate
        self.sent = sent
        self.remaining = remaining
    }
}

/// The share of the sending rate that a node has until its next renewal.
package struct SendingGrant: Sendable, Equatable {
    /// Messages per second.
    package var share: Double
    /// Whether no other node has sent within the last minute.
    package var isAlone: Bool
    /// The provider's remaining daily quota in messages, for all nodes together; `nil` where it was never read.
    package var remaining: Int64?
}
