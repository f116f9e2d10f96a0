import Database
package import MailModel

extension ReadableTransaction {
    /// The changes that SES's own suppression list still has to follow.
    package var suppressionChanges: SuppressionChanges<Self> { SuppressionChanges(tx: self) }
}

/// The queue of addresses whose state on SES's own suppression list may have to change (`suppressions.syncSES`).
///
/// What is to be done for an address is determined when its change is claimed, so that changes in quick succession end in the last state.
package struct SuppressionChanges<Tx: ReadableTransaction> {
    let tx: Tx
}

/// A claimed change: the state that an address is to have on SES's own suppression list.
package struct SESSuppressionChange: Sendable, Equatable {
    /// The address, in lower case.
    package var address: EmailAddress
    /// The reason with which the address is to be listed; `nil` when it is not to be listed.
    package var reason: SuppressionReason?
    /// The number of changes of the address up to the claimed one: it is finished only if there was no later one.
    package var generation: Int64
    /// How many calls of SES have failed for this generation.
    package var attempts: Int64
}

extension SuppressionChanges where Tx == Transaction {
    /// Adds the change of an address.
    ///
    /// Where one is queued already, it gets a new generation; its due time stays.
    package func insert(_ address: EmailAddress) throws {
        // The due time may be the end of a node's lease: without it two calls for one address could arrive in either order.
        try tx.sql.execute(
            """
            INSERT INTO ses_suppression_changes (address, generation, due_at, attempts) VALUES (?1, 1, ?2, 0)
            ON CONFLICT (address) DO UPDATE SET generation = ses_suppression_changes.generation + 1, attempts = 0
            """,
            [.text(address.suppressionKey), .timestamp(tx.now)])
    }

    /// Claims changes that are due, the oldest first.
    ///
    /// No other node can claim them until the lease has expired.
    ///
    /// - Parameter limit: the largest number of changes claimed.
    package func claim(lease: Duration, limit: Int) throws -> [SESSuppressionChange] {
        let due = try tx.sql.query(
            """
            SELECT address, generation, attempts FROM ses_suppression_changes WHERE due_at <= ?1
            ORDER BY due_at LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked)
            """,
            [.timestamp(tx.now), .integer(limit)]
        ) { (EmailAddress(validated: $0.text(0)), $0.integer(1), $0.integer(2)) }
        return try due.map { address, generation, attempts in
            try setDue(tx.now + lease, address, generation: generation, attempts: attempts)
            return SESSuppressionChange(
                address: address, reason: try reason(of: address), generation: generation, attempts: attempts)
        }
    }

    /// Removes a change that SES has applied or refused for good.
    ///
    /// Where the address has changed since the claim, it is due again at once.
    package func finish(_ change: SESSuppressionChange) throws {
        let finished = try tx.sql.execute(
            "DELETE FROM ses_suppression_changes WHERE address = ?1 AND generation = ?2",
            [.text(change.address.suppressionKey), .integer(change.generation)])
        if finished == 0 { try setDueAgain(change) }
    }

    /// Schedules the next attempt of a change that SES has not applied.
    ///
    /// Where the address has changed since the claim, it is due at once.
    package func postpone(_ change: SESSuppressionChange, until time: Timestamp) throws {
        let isPostponed = try setDue(time, change.address, generation: change.generation, attempts: change.attempts + 1)
        if !isPostponed { try setDueAgain(change) }
    }

    /// Makes a later change of the same address due, if there is one.
    private func setDueAgain(_ change: SESSuppressionChange) throws {
        try tx.sql.execute(
            "UPDATE ses_suppression_changes SET due_at = ?2 WHERE address = ?1 AND generation <> ?3",
            [.text(change.address.suppressionKey), .timestamp(tx.now), .integer(change.generation)])
    }

    /// - Returns: false when the address has changed since.
    @discardableResult
    private func setDue(_ time: Timestamp, _ address: EmailAddress, generation: Int64, attempts: Int64) throws -> Bool {
        try tx.sql.execute(
            "UPDATE ses_suppression_changes SET due_at = ?2, attempts = ?4 WHERE address = ?1 AND generation = ?3",
            [.text(address.suppressionKey), .timestamp(time), .integer(generation), .integer(attempts)]) == 1
    }

    /// The reason with which an address belongs on SES's list.
    ///
    /// All accounts share that list, so an entry of any account is enough; but only one that SES's own feedback has led to, since a
    /// customer could otherwise stop the mail of all others to an address.
    private func reason(of address: EmailAddress) throws -> SuppressionReason? {
        let (plain, hash) = try tx.suppressions.storedTexts(of: address)
        return try tx.sql.first(
            """
            SELECT s.reason FROM accounts a JOIN suppressions s ON s.account_id = a.id AND s.address IN (?1, ?2) AND s.sender = ''
            WHERE s.source = 'feedback' AND s.reason IN ('hard_bounce', 'complaint') LIMIT 1
            """,
            [.text(plain), .text(hash)]
        ) { try $0.choice(0) }
    }
}
