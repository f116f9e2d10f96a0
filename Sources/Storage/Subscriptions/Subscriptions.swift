import Database
package import MailModel

extension ReadableTransaction {
    /// The subscriptions of all accounts.
    package var subscriptions: Subscriptions<Self> { Subscriptions(tx: self) }
}

/// The subscriptions: the addresses on the accounts' lists, confirmed or waiting for their confirmation (specification 9.4).
package struct Subscriptions<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Subscriptions {
    /// Returns the subscription with this id; `nil` when there is none.
    package func find(_ id: SubscriptionID) throws -> Subscription? {
        try tx.sql.first(
            "SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE id = ?1", [.id(id)], SubscriptionRow.decode)
    }

    /// Returns the subscription of an address to a list of the account; `nil` when there is none.
    ///
    /// A list has an address once.
    package func find(_ address: EmailAddress, list: String, accountID: Int64) throws -> Subscription? {
        try tx.sql.first(
            "SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE account_id = ?1 AND list = ?2 AND address_key = ?3",
            [.integer(accountID), .text(list), .text(address.suppressionKey)], SubscriptionRow.decode)
    }

    /// Returns a page of the subscriptions of all accounts, newest first.
    ///
    /// - Parameter after: the last one of the page before; `nil` for the first page.
    package func list(after: SubscriptionID?, limit: Int) throws -> [Subscription] {
        try list(where: "", [], after: after, limit: limit)
    }

    /// Returns a page of an account's subscriptions, newest first.
    ///
    /// - Parameter after: the last one of the page before; `nil` for the first page.
    package func list(of accountID: Int64, after: SubscriptionID?, limit: Int) throws -> [Subscription] {
        try list(where: "account_id = ?3 AND", [.integer(accountID)], after: after, limit: limit)
    }

    /// Returns a page of an account's subscriptions to one list, newest first.
    ///
    /// - Parameters:
    ///   - status: the status they have at the transaction's time; `nil` for any.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(
        of accountID: Int64, to list: String, status: Subscription.Status?, after: SubscriptionID?, limit: Int
    ) throws -> [Subscription] {
        var condition = "account_id = ?3 AND list = ?4 AND"
        var arguments: [DatabaseValue] = [.integer(accountID), .text(list)]
        switch status {
        case nil: break
        case .confirmed: condition += " confirmed_at IS NOT NULL AND"
        case .pending, .expired:
            condition += " confirmed_at IS NULL AND mailed_at \(status == .pending ? ">" : "<=") ?5 AND"
            arguments.append(.timestamp(tx.now - Subscription.lifetime))
        }
        return try self.list(where: condition, arguments, after: after, limit: limit)
    }

    private func list(
        where condition: String, _ arguments: [DatabaseValue], after: SubscriptionID?, limit: Int
    ) throws -> [Subscription] {
        try tx.sql.query(
            "SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE \(condition) id < ?1 ORDER BY id DESC LIMIT ?2",
            [after.map(DatabaseValue.id) ?? .aboveAllIDs, .integer(limit)] + arguments, SubscriptionRow.decode)
    }
}

extension Subscriptions where Tx == Transaction {
    /// Inserts a subscription whose link is being mailed, or updates the one that is mailed again.
    ///
    /// - Parameter known: the account's subscription of this address and list when the link was made; `nil` when there was none.
    /// - Returns: false when that has changed: another request has mailed a link, or the owner has confirmed. The row is then unchanged.
    package func insert(_ subscription: Subscription, replacing known: Subscription?) throws -> Bool {
        try tx.sql.execute(
            """
            INSERT INTO subscriptions (id, account_id, list, address, address_key, sender, created_at, mailed_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (account_id, list, address_key) DO UPDATE SET sender = excluded.sender, mailed_at = excluded.mailed_at
            WHERE subscriptions.id = excluded.id AND subscriptions.mailed_at = ?9 AND subscriptions.confirmed_at IS NULL
            """,
            [
                .id(subscription.id), .integer(subscription.accountID), .text(subscription.list),
                .text(subscription.address.description), .text(subscription.address.suppressionKey),
                .text(subscription.sender.description), .timestamp(subscription.createdAt), .timestamp(subscription.mailedAt),
                .timestamp(known?.mailedAt),
            ]) == 1
    }

    /// Stores the proof that the owner of the address has confirmed.
    ///
    /// The first proof stays.
    package func confirm(_ id: SubscriptionID, _ proof: Subscription.Proof) throws {
        try tx.sql.execute(
            "UPDATE subscriptions SET confirmed_at = ?2, ip_address = ?3, user_agent = ?4 WHERE id = ?1 AND confirmed_at IS NULL",
            [.id(id), .timestamp(proof.at), .text(proof.ipAddress), .text(proof.userAgent)])
    }

    /// Deletes a subscription; does nothing when there is none with this id.
    package func delete(_ id: SubscriptionID) throws {
        try tx.sql.execute("DELETE FROM subscriptions WHERE id = ?1", [.id(id)])
    }

    /// Deletes up to `limit` unconfirmed subscriptions whose link was last mailed before `time`.
    ///
    /// - Returns: how many were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM subscriptions WHERE confirmed_at IS NULL AND mailed_at < ?1 AND id IN (
                SELECT id FROM subscriptions WHERE confirmed_at IS NULL AND mailed_at < ?1 ORDER BY mailed_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}

/// The columns of a subscription, and how they are read.
enum SubscriptionRow {
    static let columns = "id, account_id, list, address, sender, created_at, mailed_at, confirmed_at, ip_address, user_agent"

    static func decode(_ row: any DatabaseRow) throws -> Subscription {
        Subscription(
            id: try row.id(0), accountID: row.integer(1), list: row.text(2), address: EmailAddress(validated: row.text(3)),
            sender: EmailAddress(validated: row.text(4)), createdAt: row.requiredTimestamp(5), mailedAt: row.requiredTimestamp(6),
            proof: row.timestamp(7).map {
                Subscription.Proof(at: $0, ipAddress: row.optionalText(8) ?? "", userAgent: row.optionalText(9))
            })
    }
}
