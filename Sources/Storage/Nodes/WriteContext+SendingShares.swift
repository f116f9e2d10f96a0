import Database
package import MailModel

/// What a node that sends says of itself, and asks for.
package struct SendingReport: Sendable {
    package var node: String
    /// What all nodes may send together.
    package var rate: SharedRate
    /// Messages handed over since the last report.
    package var sent: Int64
    /// How many more the provider takes today, when it has said so since the last report.
    package var remaining: Int64?

    package init(node: String, rate: SharedRate, sent: Int64, remaining: Int64?) {
        self.node = node
        self.rate = rate
        self.sent = sent
        self.remaining = remaining
    }
}

/// What a node may send for now.
package struct SendingGrant: Sendable, Equatable {
    /// Messages per second.
    package var share: Double
    /// No other node has sent within the last minute.
    package var isAlone: Bool
    /// How many messages the provider takes today from all nodes; `nil` where it never said.
    package var remaining: Int64?
}

extension WriteContext {
    /// How long a node that is gone is remembered.
    private static let memory: Duration = .seconds(60)

    /// Renews a node's share of the sending rate. The shares of all live nodes never add up to more than the rate.
    ///
    /// To be called with ``WriteIntent/sendingShare``, under whose lock the nodes come one by one.
    package func renewSendingShare(_ report: SendingReport) throws -> SendingGrant {
        try lockSendingShares()
        guard isOneOfMany else {
            return SendingGrant(share: report.rate.total, isAlone: true, remaining: try updateRemaining(report))
        }
        // A share that holds for longer than shares do was given by a clock ahead.
        try transaction.execute(
            "DELETE FROM sending_shares WHERE (expires_at < ?1 OR expires_at > ?2) AND node <> ?3",
            [.timestamp(now - Self.memory), .timestamp(now + RateLease.length + Self.memory), .text(report.node)])
        let others = try transaction.query(
            "SELECT node, share, expires_at FROM sending_shares WHERE node <> ?1", [.text(report.node)]
        ) { (node: $0.text(0), share: $0.real(1), expiresAt: $0.requiredTimestamp(2)) }
        let live = others.filter { $0.expiresAt > now }
        let share = report.rate.grant(
            rank: live.count { $0.node < report.node }, of: live.count + 1, held: live.reduce(0) { $0 + $1.share })
        try keepShare(share, of: report.node, until: now + RateLease.length)
        return SendingGrant(share: share, isAlone: others.isEmpty, remaining: try updateRemaining(report))
    }

    /// Gives a node's share back.
    package func releaseSendingShare(of node: String) throws {
        guard isOneOfMany else { return }
        try lockSendingShares()
        try keepShare(0, of: node, until: now)
    }

    /// Locks what shares are given under.
    func lockSendingShares() throws {
        try transaction.execute("INSERT INTO sending_quota (id) VALUES (1) ON CONFLICT DO NOTHING")
        _ = try transaction.query("SELECT id FROM sending_quota WHERE id = 1\(transaction.dialect.forUpdate)", []) { _ in }
    }

    /// An engine with one writer has one node, which has nobody to share with.
    private var isOneOfMany: Bool { !transaction.dialect.forUpdate.isEmpty }

    private func keepShare(_ share: Double, of node: String, until time: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO sending_shares (node, share, expires_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (node) DO UPDATE SET share = excluded.share, expires_at = excluded.expires_at
            """,
            [.text(node), .real(share), .timestamp(time)])
    }

    /// What the provider said last counts, less what was sent since.
    private func updateRemaining(_ report: SendingReport) throws -> Int64? {
        if report.sent != 0 || report.remaining != nil {
            try transaction.execute(
                "UPDATE sending_quota SET remaining = COALESCE(?1, remaining - ?2) WHERE id = 1",
                [.integer(report.remaining), .integer(report.sent)])
        }
        return try transaction.first("SELECT remaining FROM sending_quota WHERE id = 1") { $0.optionalInteger(0) } ?? nil
    }
}
