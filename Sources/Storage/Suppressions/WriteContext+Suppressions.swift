import Database
public import MailModel

extension WriteContext {
    /// Suppresses an address. One that is suppressed already keeps its first reason, unless that was soft bounces, which give way to any other,
    /// or an unsubscription, which gives way to what stops transactional emails too.
    ///
    /// - Parameter sender: only this sender of the account must not mail it; `nil` for all of them.
    public func suppress(
        _ address: EmailAddress, accountID: Int64, sender: EmailAddress? = nil, reason: SuppressionReason, note: String?,
        source: Suppression.Source = .feedback
    ) throws {
        try suppress(SuppressionEntry(address: address, sender: sender, reason: reason, note: note), accountID: accountID, source: source)
    }

    /// - Returns: false when there was an entry for the address and the same sender, or the same address and all senders; it stays as it is.
    @discardableResult
    public func suppress(_ entry: SuppressionEntry, accountID: Int64, source: Suppression.Source) throws -> Bool {
        suppressed.removeAll()
        return try transaction.execute(
            """
            INSERT INTO suppressions (account_id, address, scope, sender, reason, note, source, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (account_id, address, sender) DO UPDATE
            SET reason = excluded.reason, note = excluded.note, source = excluded.source, created_at = excluded.created_at
            WHERE (suppressions.reason = 'soft_bounce' AND excluded.reason <> 'soft_bounce')
                OR (suppressions.reason = 'unsubscribe' AND excluded.reason IN ('hard_bounce', 'complaint', 'manual'))
            """,
            [
                .integer(accountID), .text(entry.address.suppressionKey), .text(entry.scope.rawValue),
                .text(entry.sender?.suppressionKey ?? ""), .text(entry.reason.rawValue), .text(entry.note), .text(source.rawValue),
                .timestamp(now),
            ]) == 1
    }

    /// Takes an entry off the list.
    ///
    /// - Parameters:
    ///   - accountID: only when it is this account's; `nil` for any.
    ///   - reason: only when it is there for this reason, which may have changed since it was read; `nil` for any.
    /// - Returns: what it was; `nil` when there is no such entry.
    public func removeSuppression(_ id: Int64, of accountID: Int64?, reason: SuppressionReason? = nil) throws -> Suppression? {
        suppressed.removeAll()
        return try transaction.first(
            """
            DELETE FROM suppressions
            WHERE id = ?1 AND account_id = COALESCE(?2, account_id) AND reason = COALESCE(?3, reason)
            RETURNING id, (SELECT a.reference FROM accounts a WHERE a.id = suppressions.account_id), address, sender, reason, note, source,
                created_at
            """,
            [.integer(id), .integer(accountID), .text(reason?.rawValue)], SuppressionRow.decode)
    }
}
