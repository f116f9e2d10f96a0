import Database
package import MailModel

extension ReadContext {
    /// Whether an address must not be mailed by this sender of the account.
    ///
    /// - Parameter ignored: entries for this reason are none.
    package func isSuppressed(
        _ address: EmailAddress, accountID: Int64, sender: EmailAddress, ignoring ignored: SuppressionReason? = nil
    ) throws -> Bool {
        try (self as? WriteContext)?.flushSuppression(of: address, accountID: accountID)
        let known = (self as? WriteContext)?.suppressed.isSuppressed(
            address.suppressionKey, accountID: accountID, sender: sender.suppressionKey, ignoring: ignored)
        if let known { return known }
        return try transaction.first(
            "SELECT 1 FROM suppressions WHERE account_id = ?1 AND address = ?2 AND sender IN ('', ?3) AND reason <> ?4 LIMIT 1",
            [.integer(accountID), .text(address.suppressionKey), .text(sender.suppressionKey), .text(ignored?.rawValue ?? "")]
        ) { _ in true } ?? false
    }

    /// Why an email's recipient must not be written to, though its sender may send; `nil` where nothing is in the way.
    package func obstacle(to email: Email) throws -> String? {
        // Who leaves a newsletter still wants the receipt.
        let ignored: SuppressionReason? = email.content.category == .transactional ? .unsubscribe : nil
        if try isSuppressed(email.recipient, accountID: email.accountID, sender: email.sender, ignoring: ignored) {
            return "The recipient is on a suppression list"
        }
        guard let list = email.content.list,
            try subscription(of: email.recipient, to: list, accountID: email.accountID)?.proof == nil
        else { return nil }
        return "The recipient has not confirmed to be on the list"
    }

    package func suppression(_ id: Int64) throws -> Suppression? {
        try transaction.first("\(SuppressionRow.select) WHERE s.id = ?1", [.integer(id)], SuppressionRow.decode)
    }

    /// The entry of an address for exactly this sender, or exactly for all.
    package func suppression(of address: EmailAddress, sender: EmailAddress?, accountID: Int64) throws -> Suppression? {
        try (self as? WriteContext)?.flushSuppression(of: address, accountID: accountID)
        let isPossible = (self as? WriteContext)?.suppressed.isSuppressed(
            address.suppressionKey, accountID: accountID, sender: sender?.suppressionKey ?? "", ignoring: nil)
        guard isPossible != false else { return nil }
        return try transaction.first(
            "\(SuppressionRow.select) WHERE s.account_id = ?1 AND s.address = ?2 AND s.sender = ?3",
            [.integer(accountID), .text(address.suppressionKey), .text(sender?.suppressionKey ?? "")], SuppressionRow.decode)
    }

    /// Entries of an account's list, newest first.
    ///
    /// - Parameters:
    ///   - after: begin behind this entry's id.
    ///   - limit: at most this many.
    package func suppressions(
        matching filter: SuppressionFilter, of accountID: Int64, after: Int64?, limit: Int
    ) throws -> [Suppression] {
        if let address = filter.address {
            return try suppressions(of: address, matching: filter, of: accountID, after: after, limit: limit)
        }
        let parts = try SuppressionPartition.all(of: filter).map {
            try suppressions(in: $0, of: accountID, after: after, limit: limit)
        }
        return Array(parts.joined().sorted { $0.id > $1.id }.prefix(limit))
    }

    /// Entries of all accounts, newest first.
    package func suppressions(after: Int64?, limit: Int) throws -> [Suppression] {
        try transaction.query(
            "\(SuppressionRow.select) WHERE s.id < ?1 ORDER BY s.id DESC LIMIT ?2", [.integer(after ?? .max), .integer(limit)],
            SuppressionRow.decode)
    }

    private func suppressions(
        in part: SuppressionPartition, of accountID: Int64, after: Int64?, limit: Int
    ) throws -> [Suppression] {
        try transaction.query(
            "\(SuppressionRow.select) WHERE s.account_id = ?1 AND \(part.condition) AND s.id < ?4 ORDER BY s.id DESC LIMIT ?5",
            [.integer(accountID)] + part.arguments + [.integer(after ?? .max), .integer(limit)], SuppressionRow.decode)
    }

    /// The few entries of one address: one for each sender, and one for all.
    private func suppressions(
        of address: EmailAddress, matching filter: SuppressionFilter, of accountID: Int64, after: Int64?, limit: Int
    ) throws -> [Suppression] {
        let all = try transaction.query(
            "\(SuppressionRow.select) WHERE s.account_id = ?1 AND s.address = ?2",
            [.integer(accountID), .text(address.suppressionKey)], SuppressionRow.decode)
        return Array(
            all.filter { $0.id < after ?? .max && filter.takes($0.entry) }.sorted { $0.id > $1.id }.prefix(limit))
    }
}

extension SuppressionFilter {
    /// Whether an entry of the right address passes.
    fileprivate func takes(_ entry: SuppressionEntry) -> Bool {
        (scope == nil || entry.scope == scope) && (reason == nil || entry.reason == reason)
            && (sender == nil || entry.sender?.suppressionKey == sender?.suppressionKey)
    }
}
