import Database
package import MailModel

extension ReadContext {
    /// The sender with this address, whichever account's it is.
    package func sender(_ address: EmailAddress) throws -> Sender? {
        try transaction.first(
            "SELECT \(SenderRow.columns) FROM senders WHERE address = ?1", [.text(address.description)], SenderRow.decode)
    }

    /// Senders, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this sender's id.
    package func senders(of accountID: Int64?, after: Int64?, limit: Int) throws -> [Sender] {
        let own = accountID == nil ? "" : "account_id = ?3 AND"
        return try transaction.query(
            "SELECT \(SenderRow.columns) FROM senders WHERE \(own) id < ?1 ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), SenderRow.decode)
    }

    /// Senders that wait for SES's word, the longest unasked first. The longer one waits the more rarely it comes up, as with domains.
    ///
    /// - Parameter checkedBefore: leave out those asked about since.
    package func sendersAwaitingVerification(checkedBefore: Timestamp, limit: Int) throws -> [Sender] {
        try transaction.query(
            """
            SELECT \(SenderRow.columns) FROM senders
            WHERE status = 'PENDING' AND checked_at < ?1 AND checked_at <= ?2 - (?2 - requested_at) / 20 ORDER BY checked_at LIMIT ?3
            """,
            [.timestamp(checkedBefore), .timestamp(now), .integer(limit)], SenderRow.decode)
    }

    /// Verified senders that SES was not asked about since, the longest unasked first.
    package func verifiedSenders(checkedBefore: Timestamp, limit: Int) throws -> [Sender] {
        try transaction.query(
            "SELECT \(SenderRow.columns) FROM senders WHERE status = 'VERIFIED' AND checked_at < ?1 ORDER BY checked_at LIMIT ?2",
            [.timestamp(checkedBefore), .integer(limit)], SenderRow.decode)
    }

    /// Whether the account has this many senders.
    package func hasSenders(_ count: Int, accountID: Int64) throws -> Bool {
        try transaction.first(
            "SELECT 1 FROM senders WHERE account_id = ?1 ORDER BY id LIMIT 1 OFFSET ?2", [.integer(accountID), .integer(count - 1)]
        ) { _ in true } ?? false
    }
}

/// How a sender lies in its row.
enum SenderRow {
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
