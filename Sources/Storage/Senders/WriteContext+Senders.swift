import Database
package import MailModel

extension WriteContext {
    /// Keeps a new sender as one that waits for the master.
    ///
    /// - Returns: `nil` when there is one with this address: another node may have made it at the same moment.
    package func createSender(_ address: EmailAddress, accountID: Int64) throws -> Sender? {
        try transaction.first(
            """
            INSERT INTO senders (account_id, address, status, created_at, checked_at) VALUES (?1, ?2, ?3, ?4, 0)
            ON CONFLICT DO NOTHING RETURNING \(SenderRow.columns)
            """,
            [.integer(accountID), .text(address.description), .text(Sender.Status.requested.rawValue), .timestamp(now)], SenderRow.decode)
    }

    /// The sender with this address, locked until the transaction ends: what is decided by it and written then holds.
    package func lockedSender(_ address: EmailAddress) throws -> Sender? {
        try transaction.first(
            "SELECT \(SenderRow.columns) FROM senders WHERE address = ?1\(transaction.dialect.forUpdate)", [.text(address.description)],
            SenderRow.decode)
    }

    /// Writes a changed sender, which was read by ``lockedSender(_:)``.
    package func save(_ sender: Sender) throws {
        try transaction.execute(
            "UPDATE senders SET status = ?2, requested_at = ?3, checked_at = ?4 WHERE id = ?1",
            [
                .integer(sender.id), .text(sender.status.rawValue), .timestamp(sender.requestedAt),
                .integer(sender.checkedAt?.milliseconds ?? 0),
            ])
    }

    /// Deletes a sender, unless SES has been asked for it since it was read.
    ///
    /// - Returns: whether it was deleted.
    package func delete(_ sender: Sender) throws -> Bool {
        try transaction.execute(
            "DELETE FROM senders WHERE id = ?1 AND COALESCE(requested_at, 0) = COALESCE(?2, 0)",
            [.integer(sender.id), .timestamp(sender.requestedAt)]) == 1
    }
}
