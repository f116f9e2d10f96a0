import Database
package import MailModel

extension ReadContext {
    package func subscription(_ id: SubscriptionID) throws -> Subscription? {
        try transaction.first(
            "SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE id = ?1", [.id(id)], SubscriptionRow.decode)
    }

    package func subscription(of address: EmailAddress, to list: String, accountID: Int64) throws -> Subscription? {
        try transaction.first(
            "SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE account_id = ?1 AND list = ?2 AND address_key = ?3",
            [.integer(accountID), .text(list), .text(address.suppressionKey)], SubscriptionRow.decode)
    }

    /// Subscriptions of all accounts, newest first.
    ///
    /// - Parameter after: begin behind this one.
    package func subscriptions(after: SubscriptionID?, limit: Int) throws -> [Subscription] {
        try subscriptions(where: "", [], after: after, limit: limit)
    }

    /// Subscriptions of an account, newest first.
    ///
    /// - Parameter after: begin behind this one.
    package func subscriptions(of accountID: Int64, after: SubscriptionID?, limit: Int) throws -> [Subscription] {
        try subscriptions(where: "account_id = ?3 AND", [.integer(accountID)], after: after, limit: limit)
    }

    /// Subscriptions of an account to one list, newest first.
    ///
    /// - Parameters:
    ///   - status: only with this status; `nil` for all.
    ///   - after: begin behind this one.
    package func subscriptions(
        of accountID: Int64, to list: String, status: Subscription.Status?, after: SubscriptionID?, limit: Int
    ) throws -> [Subscription] {
        var condition = "account_id = ?3 AND list = ?4 AND"
        var arguments: [DatabaseValue] = [.integer(accountID), .text(list)]
        switch status {
        case nil: break
        case .confirmed: condition += " confirmed_at IS NOT NULL AND"
        case .pending, .expired:
            condition += " confirmed_at IS NULL AND mailed_at \(status == .pending ? ">" : "<=") ?5 AND"
            arguments.append(.timestamp(now - Subscription.lifetime))
        }
        return try subscriptions(where: condition, arguments, after: after, limit: limit)
    }

    private func subscriptions(
        where condition: String, _ arguments: [DatabaseValue], after: SubscriptionID?, limit: Int
    ) throws -> [Subscription] {
        try transaction.query(
            "SELECT \(SubscriptionRow.columns) FROM subscriptions WHERE \(condition) id < ?1 ORDER BY id DESC LIMIT ?2",
            [after.map(DatabaseValue.id) ?? .aboveAllIDs, .integer(limit)] + arguments, SubscriptionRow.decode)
    }
}

/// How a subscription lies in its row.
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
