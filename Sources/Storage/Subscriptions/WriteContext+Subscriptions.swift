import Database
public import MailModel

extension WriteContext {
    /// Keeps a subscription whose link is being mailed; one that is there already keeps its id, and what its owner said.
    public func keep(_ subscription: Subscription) throws {
        try transaction.execute(
            """
            INSERT INTO subscriptions (id, account_id, list, address, address_key, sender, created_at, mailed_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (account_id, list, address_key) DO UPDATE SET sender = excluded.sender, mailed_at = excluded.mailed_at
            """,
            [
                .id(subscription.id), .integer(subscription.accountID), .text(subscription.list),
                .text(subscription.address.description), .text(subscription.address.suppressionKey),
                .text(subscription.sender.description), .timestamp(subscription.createdAt), .timestamp(subscription.mailedAt),
            ])
    }

    /// Keeps the proof that the owner of the address agreed; the first one stays.
    public func confirm(_ id: SubscriptionID, _ proof: Subscription.Proof) throws {
        try transaction.execute(
            "UPDATE subscriptions SET confirmed_at = ?2, ip_address = ?3, user_agent = ?4 WHERE id = ?1 AND confirmed_at IS NULL",
            [.id(id), .timestamp(proof.at), .text(proof.ipAddress), .text(proof.userAgent)])
    }

    public func deleteSubscription(_ id: SubscriptionID) throws {
        try transaction.execute("DELETE FROM subscriptions WHERE id = ?1", [.id(id)])
    }
}
