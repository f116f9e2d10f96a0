import Database
package import MailModel

/// An address whose state on SES's own list may have to change.
package struct SESSuppressionChange: Sendable, Equatable {
    package var address: EmailAddress
    /// Why it is to be on the list; `nil` when it is not to be.
    package var reason: SuppressionReason?
    /// Counts the changes of the address: what was done is done only if it is still the same.
    package var generation: Int64
    /// How often SES did not take it.
    package var attempts: Int64
}

extension WriteContext {
    /// Notes that SES's list has to follow ours for an address. What exactly is to be done is found out when it is done, so that changes in
    /// quick succession end as the last one says.
    package func noteSESChange(of address: EmailAddress) throws {
        // A node that is at it keeps its lease: two calls for one address could arrive in either order.
        try transaction.execute(
            """
            INSERT INTO ses_suppression_changes (address, generation, due_at, attempts) VALUES (?1, 1, ?2, 0)
            ON CONFLICT (address) DO UPDATE SET generation = ses_suppression_changes.generation + 1, attempts = 0
            """,
            [.text(address.suppressionKey), .timestamp(now)])
    }

    /// Takes changes that are due; nobody else does before the lease is over.
    package func claimSESChanges(lease: Duration, limit: Int) throws -> [SESSuppressionChange] {
        let due = try transaction.query(
            """
            SELECT address, generation, attempts FROM ses_suppression_changes WHERE due_at <= ?1
            ORDER BY due_at LIMIT ?2\(transaction.dialect.forUpdateSkipLocked)
            """,
            [.timestamp(now), .integer(limit)]
        ) { (EmailAddress(validated: $0.text(0)), $0.integer(1), $0.integer(2)) }
        return try due.map { address, generation, attempts in
            try setDue(now + lease, address, generation: generation, attempts: attempts)
            return SESSuppressionChange(
                address: address, reason: try sesReason(of: address), generation: generation, attempts: attempts)
        }
    }

    /// SES has done it; where the address has changed meanwhile, it is due again.
    package func finish(_ change: SESSuppressionChange) throws {
        let finished = try transaction.execute(
            "DELETE FROM ses_suppression_changes WHERE address = ?1 AND generation = ?2",
            [.text(change.address.suppressionKey), .integer(change.generation)])
        if finished == 0 { try setDueAgain(change) }
    }

    /// SES has not done it: it is tried again; where the address has changed meanwhile, at once.
    package func postpone(_ change: SESSuppressionChange, until time: Timestamp) throws {
        let isPostponed = try setDue(time, change.address, generation: change.generation, attempts: change.attempts + 1)
        if !isPostponed { try setDueAgain(change) }
    }

    /// Lets a newer change of the same address be claimed, if there is one.
    private func setDueAgain(_ change: SESSuppressionChange) throws {
        try transaction.execute(
            "UPDATE ses_suppression_changes SET due_at = ?2 WHERE address = ?1 AND generation <> ?3",
            [.text(change.address.suppressionKey), .timestamp(now), .integer(change.generation)])
    }

    /// - Returns: false when the address has changed since.
    @discardableResult
    private func setDue(_ time: Timestamp, _ address: EmailAddress, generation: Int64, attempts: Int64) throws -> Bool {
        try transaction.execute(
            "UPDATE ses_suppression_changes SET due_at = ?2, attempts = ?4 WHERE address = ?1 AND generation = ?3",
            [.text(address.suppressionKey), .timestamp(time), .integer(generation), .integer(attempts)]) == 1
    }

    /// Why an address belongs on SES's list: because it does on that of any account, which share the one of SES.
    private func sesReason(of address: EmailAddress) throws -> SuppressionReason? {
        try transaction.first(
            """
            SELECT s.reason FROM accounts a JOIN suppressions s ON s.account_id = a.id AND s.address = ?1 AND s.sender = ''
            WHERE s.reason IN ('hard_bounce', 'complaint') LIMIT 1
            """,
            [.text(address.suppressionKey)]
        ) { try $0.choice(0) }
    }
}
