import Database
package import MailModel

extension ReadableTransaction {
    /// The suppression lists of all accounts.
    package var suppressions: Suppressions<Self> { Suppressions(tx: self) }
}

/// The suppression lists: which addresses an account, or one of its senders, must not mail (specification 9.1).
///
/// A batch reads the entries of its recipients once, before its first command. Entries that feedback leads to are written together, when
/// the transaction ends or one of their addresses is looked up: see ``SuppressionCache``.
package struct Suppressions<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Suppressions {
    /// Returns whether an address must not be mailed by this sender of the account.
    ///
    /// - Parameter ignored: entries for this reason do not count; `nil`: all do.
    package func isSuppressed(
        _ address: EmailAddress, accountID: Int64, sender: EmailAddress, ignoring ignored: SuppressionReason? = nil
    ) throws -> Bool {
        try tx.writing?.suppressions.flush(address, accountID: accountID)
        let known = tx.writing?.suppressionCache.isSuppressed(
            address.suppressionKey, accountID: accountID, sender: sender.suppressionKey, ignoring: ignored)
        if let known { return known }
        // Most accounts have no entries: their batches look for them once.
        if tx.sql.dialect.hasOneWriter, try tx.writing?.suppressions.hasEntries(ofAccount: accountID) == false { return false }
        let (plain, hash) = try storedTexts(of: address)
        return try tx.sql.first(
            "SELECT 1 FROM suppressions WHERE account_id = ?1 AND address IN (?2, ?5) AND sender IN ('', ?3) AND reason <> ?4 LIMIT 1",
            [.integer(accountID), .text(plain), .text(sender.suppressionKey), .text(ignored?.rawValue ?? ""), .text(hash)]
        ) { _ in true } ?? false
    }

    /// Returns why an email's recipient must not be mailed, by the suppression lists and double opt-in: a sentence; `nil` where it may be.
    package func obstacle(to email: Email) throws -> String? {
        // Transactional emails also go to recipients who have unsubscribed.
        let ignored: SuppressionReason? = email.content.category == .transactional ? .unsubscribe : nil
        if try isSuppressed(email.recipient, accountID: email.accountID, sender: email.sender, ignoring: ignored) {
            return "The recipient is on a suppression list"
        }
        guard let list = email.content.list,
            try tx.subscriptions.find(email.recipient, list: list, accountID: email.accountID)?.proof == nil
        else { return nil }
        return "The recipient has not confirmed to be on the list"
    }

    /// Returns the entry of an id, of whatever account; `nil` when there is none.
    package func find(_ id: Int64) throws -> Suppression? {
        try tx.sql.first("\(SuppressionRow.select) WHERE s.id = ?1", [.integer(id)], SuppressionRow.decode)
    }

    /// Returns the entry of an address for exactly this sender; `nil` when there is none.
    ///
    /// - Parameter sender: `nil`: the entry for all senders of the account.
    package func find(_ address: EmailAddress, sender: EmailAddress?, accountID: Int64) throws -> Suppression? {
        try tx.writing?.suppressions.flush(address, accountID: accountID)
        let isPossible = tx.writing?.suppressionCache.isSuppressed(
            address.suppressionKey, accountID: accountID, sender: sender?.suppressionKey ?? "", ignoring: nil)
        guard isPossible != false else { return nil }
        let (plain, hash) = try storedTexts(of: address)
        return try tx.sql.first(
            "\(SuppressionRow.select) WHERE s.account_id = ?1 AND s.address IN (?2, ?4) AND s.sender = ?3",
            [.integer(accountID), .text(plain), .text(sender?.suppressionKey ?? ""), .text(hash)], SuppressionRow.decode)
    }
}

extension Suppressions where Tx == Transaction {
    /// Suppresses an address for all senders of an account, with feedback as the source.
    ///
    /// An existing entry stays as it is, with two exceptions: soft bounces give way to any other reason, and an unsubscription to the
    /// reasons that stop transactional emails too. The entry is written with others when the transaction ends, or when the address is
    /// looked up.
    package func insert(_ address: EmailAddress, accountID: Int64, reason: SuppressionReason, note: String?) throws {
        let entry = SuppressionEntry(address: address, sender: nil, reason: reason, note: note)
        try flush(address, accountID: accountID)
        tx.suppressionCache.addPending(entry, accountID: accountID)
    }

    /// Adds an entry to an account's list at once, by the same precedence of reasons as ``insert(_:accountID:reason:note:)``.
    ///
    /// - Returns: false when the list has an entry for the same address and sender, or the same address and all senders, which stays as it
    ///   is.
    @discardableResult
    package func insert(_ entry: SuppressionEntry, accountID: Int64, source: Suppression.Source) throws -> Bool {
        try flush()
        tx.suppressionCache.invalidate()
        let pair = SuppressionPair(accountID: accountID, address: entry.address.suppressionKey)
        let hash = try erased(among: [pair])[pair]
        return try tx.sql.execute(
            SuppressionRow.insertion(rows: 1),
            SuppressionRow.values(entry, hash: hash, accountID: accountID, source: source, createdAt: tx.now, id: tx.newID())) == 1
    }

    /// Deletes an entry.
    ///
    /// - Parameters:
    ///   - accountID: only when it is this account's; `nil` for any.
    ///   - reason: only when this is still its reason, which may have changed since it was read; `nil` for any.
    /// - Returns: the deleted entry; `nil` when there was no such entry.
    package func delete(_ id: Int64, of accountID: Int64?, reason: SuppressionReason? = nil) throws -> Suppression? {
        try flush()
        tx.suppressionCache.invalidate()
        return try tx.sql.first(
            """
            DELETE FROM suppressions
            WHERE id = ?1 AND account_id = COALESCE(?2, account_id) AND reason = COALESCE(?3, reason)
            RETURNING \(SuppressionRow.returned)
            """,
            [.integer(id), .integer(accountID), .text(reason?.rawValue)], SuppressionRow.decode)
    }

    /// Deletes the entry of an address for all senders of the account, where its reason is soft bounces in a row.
    package func deleteSoftBounce(of address: EmailAddress, accountID: Int64) throws {
        try flush()
        tx.suppressionCache.invalidate()
        let (plain, hash) = try storedTexts(of: address)
        try tx.sql.execute(
            "DELETE FROM suppressions WHERE account_id = ?1 AND address IN (?2, ?4) AND sender = '' AND reason = ?3",
            [.integer(accountID), .text(plain), .text(SuppressionReason.softBounce.rawValue), .text(hash)])
    }
}
