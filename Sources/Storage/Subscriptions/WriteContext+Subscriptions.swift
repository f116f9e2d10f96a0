import Database
package import MailModel

extension WriteContext {
    /// Keeps a subscription whose link is being mailed.
    ///
    /// - Parameter known: what the account had under the address and list when the link was made; `nil` for nothing.
    /// - Returns: false when that is not so any more: another call has mailed a link, or the owner has agreed. What is there stays then.
    package func keep(_ subscription: Subscription, replacing known: Subscription?) throws -> Bool {
        try transaction.execute(
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

    /// Keeps the proof that the owner of the address agreed; the first one stays.
    package func confirm(_ id: SubscriptionID, _ proof: Subscription.Proof) throws {
        try transaction.execute(
            "UPDATE subscriptions SET confirmed_at = ?2, ip_address = ?3, user_agent = ?4 WHERE id = ?1 AND confirmed_at IS NULL",
            [.id(id), .timestamp(proof.at), .text(proof.ipAddress), .text(proof.userAgent)])
    }

    package func deleteSubscription(_ id: SubscriptionID) throws {
        try transaction.execute("DELETE FROM subscriptions WHERE id = ?1", [.id(id)])
    }
}
