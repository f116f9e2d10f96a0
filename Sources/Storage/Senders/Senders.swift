import Database
package import MailModel

extension ReadableTransaction {
    /// The single senders of all accounts.
    package var senders: Senders<Self> { Senders(tx: self) }
}

/// The single senders of all accounts: addresses that an account may write from without owning their domain (specification 9.5).
package struct Senders<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Senders {
    /// Returns the sender of an address, whichever account's it is; `nil` when there is none.
    package func find(_ address: EmailAddress) throws -> Sender? {
        try tx.sql.first(
            "SELECT \(SenderRow.columns) FROM senders WHERE address = ?1", [.text(address.description)], SenderRow.decode)
    }

    /// Returns senders, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this sender's id.
    package func list(of accountID: Int64?, after: Int64?, limit: Int) throws -> [Sender] {
        let own = accountID == nil ? "" : "account_id = ?3 AND"
        return try tx.sql.query(
            "SELECT \(SenderRow.columns) FROM senders WHERE \(own) id < ?1 ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), SenderRow.decode)
    }

    /// Returns senders whose verification by SES is pending, those that were checked longest ago first.
    ///
    /// The longer one is pending, the more rarely it is checked, as with domains.
    ///
    /// - Parameter checkedBefore: leave out those that were checked since.
    package func listAwaitingVerification(checkedBefore: Timestamp, limit: Int) throws -> [Sender] {
        try tx.sql.query(
            """
            SELECT \(SenderRow.columns) FROM senders
            WHERE status = 'PENDING' AND checked_at < ?1 AND checked_at <= ?2 - (?2 - requested_at) / 20 ORDER BY checked_at LIMIT ?3
            """,
            [.timestamp(checkedBefore), .timestamp(tx.now), .integer(limit)], SenderRow.decode)
    }

    /// Returns verified senders, those that were checked longest ago first.
    ///
    /// - Parameter checkedBefore: leave out those that were checked since.
    package func listVerified(checkedBefore: Timestamp, limit: Int) throws -> [Sender] {
        try tx.sql.query(
            "SELECT \(SenderRow.columns) FROM senders WHERE status = 'VERIFIED' AND checked_at < ?1 ORDER BY checked_at LIMIT ?2",
            [.timestamp(checkedBefore), .integer(limit)], SenderRow.decode)
    }

    /// Whether the account has this many senders or more.
    package func hasAtLeast(_ count: Int, accountID: Int64) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM senders WHERE account_id = ?1 ORDER BY id LIMIT 1 OFFSET ?2", [.integer(accountID), .integer(count - 1)]
        ) { _ in true } ?? false
    }
}

extension Senders where Tx == Transaction {
    /// Inserts a new sender, which waits for the master.
    ///
    /// - Returns: `nil` when there is one with this address: another node may have inserted it at the same moment.
    package func insert(_ address: EmailAddress, accountID: Int64) throws -> Sender? {
        try tx.sql.first(
            """
            INSERT INTO senders (account_id, address, status, created_at, checked_at) VALUES (?1, ?2, ?3, ?4, 0)
            ON CONFLICT DO NOTHING RETURNING \(SenderRow.columns)
            """,
            [.integer(accountID), .text(address.description), .text(Sender.Status.requested.rawValue), .timestamp(tx.now)], SenderRow.decode
        )
    }

    /// Returns the sender of an address, its row locked until the transaction ends; `nil` when there is none.
    package func findForUpdate(_ address: EmailAddress) throws -> Sender? {
        try tx.sql.first(
            "SELECT \(SenderRow.columns) FROM senders WHERE address = ?1\(tx.sql.dialect.forUpdate)", [.text(address.description)],
            SenderRow.decode)
    }

    /// Writes a changed sender, which was read by ``findForUpdate(_:)``.
    package func update(_ sender: Sender) throws {
        try tx.sql.execute(
            "UPDATE senders SET status = ?2, requested_at = ?3, checked_at = ?4 WHERE id = ?1",
            [
                .integer(sender.id), .text(sender.status.rawValue), .timestamp(sender.requestedAt),
                .integer(sender.checkedAt?.milliseconds ?? 0),
            ])
    }

    /// Marks the senders of an account that lie in a domain, or below it, as failed: the domain was given up, and they fall with it.
    ///
    /// Those that wait for the master go on waiting.
    ///
    /// - Returns: the addresses of those that were marked.
    package func fail(in domain: DomainName, of accountID: Int64) throws -> [EmailAddress] {
        try tx.sql.query(
            """
            UPDATE senders SET status = 'FAILED' WHERE account_id = ?1 AND status IN ('VERIFIED', 'PENDING')
                AND (address LIKE ?2 OR address LIKE ?3) RETURNING address
            """, [.integer(accountID), .text("%@\(domain)"), .text("%.\(domain)")]
        ) { EmailAddress(validated: $0.text(0)) }
    }

    /// Deletes a sender, unless its verification was requested since it was read.
    ///
    /// - Returns: whether it was deleted.
    package func delete(_ sender: Sender) throws -> Bool {
        try tx.sql.execute(
            "DELETE FROM senders WHERE id = ?1 AND COALESCE(requested_at, 0) = COALESCE(?2, 0)",
            [.integer(sender.id), .timestamp(sender.requestedAt)]) == 1
    }
}

/// The row of a sender.
private enum SenderRow {
    static let columns = "id, account_id, address, status, created_at, requested_at, checked_at"

    static func decode(_ row: any DatabaseRow) throws -> Sender {
        var sender = Sender(
            id: row.integer(0), accountID: row.integer(1), address: EmailAddress(validated: row.text(2)), status: try row.choice(3),
            createdAt: row.requiredTimestamp(4))
        sender.requestedAt = row.timestamp(5)
        sender.checkedAt = row.integer(6) == 0 ? nil : row.requiredTimestamp(6)
        return sender
    }
}
