import Database
public import MailModel

extension WriteContext {
    /// Keeps a new sender as one that waits for the master; its address must be free.
    public func createSender(_ address: EmailAddress, accountID: Int64) throws -> Sender {
        let sender = try transaction.first(
            """
            INSERT INTO senders (account_id, address, status, created_at, checked_at) VALUES (?1, ?2, ?3, ?4, 0)
            RETURNING \(SenderRow.columns)
            """,
            [.integer(accountID), .text(address.description), .text(Sender.Status.requested.rawValue), .timestamp(now)], SenderRow.decode)
        guard let sender else { throw StorageError.malformed("senders.id") }
        return sender
    }

    /// Writes a changed sender.
    public func save(_ sender: Sender) throws {
        try transaction.execute(
            "UPDATE senders SET status = ?2, requested_at = ?3, checked_at = ?4 WHERE id = ?1",
            [
                .integer(sender.id), .text(sender.status.rawValue), .timestamp(sender.requestedAt),
                .integer(sender.checkedAt?.milliseconds ?? 0),
            ])
    }

    public func deleteSender(_ id: Int64) throws {
        try transaction.execute("DELETE FROM senders WHERE id = ?1", [.integer(id)])
    }
}
