import Database
package import MailModel

extension Suppressions {
    /// Returns entries of an account's list, newest first.
    ///
    /// - Parameters:
    ///   - after: the id of the entry to continue after; `nil` for the first page.
    ///   - limit: the largest number of entries returned.
    package func list(matching filter: SuppressionFilter, of accountID: Int64, after: Int64?, limit: Int) throws -> [Suppression] {
        if let address = filter.address {
            return try list(of: address, matching: filter, of: accountID, after: after, limit: limit)
        }
        let parts = try SuppressionPartition.all(of: filter).map {
            try list(in: $0, of: accountID, after: after, limit: limit)
        }
        return Array(parts.joined().sorted { $0.id > $1.id }.prefix(limit))
    }

    /// Returns entries of all accounts, newest first.
    ///
    /// - Parameters:
    ///   - after: the id of the entry to continue after; `nil` for the first page.
    ///   - limit: the largest number of entries returned.
    package func list(after: Int64?, limit: Int) throws -> [Suppression] {
        try tx.sql.query(
            "\(SuppressionRow.select) WHERE s.id < ?1 ORDER BY s.id DESC LIMIT ?2", [.integer(after ?? .max), .integer(limit)],
            SuppressionRow.decode)
    }

    private func list(in part: SuppressionPartition, of accountID: Int64, after: Int64?, limit: Int) throws -> [Suppression] {
        try tx.sql.query(
            "\(SuppressionRow.select) WHERE s.account_id = ?1 AND \(part.condition) AND s.id < ?4 ORDER BY s.id DESC LIMIT ?5",
            [.integer(accountID)] + part.arguments + [.integer(after ?? .max), .integer(limit)], SuppressionRow.decode)
    }

    /// The few entries of one address, all read at once: at most one for each sender, and one for all.
    private func list(
        of address: EmailAddress, matching filter: SuppressionFilter, of accountID: Int64, after: Int64?, limit: Int
    ) throws -> [Suppression] {
        let (plain, hash) = try storedTexts(of: address)
        let all = try tx.sql.query(
            "\(SuppressionRow.select) WHERE s.account_id = ?1 AND s.address IN (?2, ?3)",
            [.integer(accountID), .text(plain), .text(hash)], SuppressionRow.decode)
        return Array(
            all.filter { $0.id < after ?? .max && filter.matches($0.entry) }.sorted { $0.id > $1.id }.prefix(limit))
    }
}

extension SuppressionFilter {
    /// Whether an entry matches the filter; its address is not compared.
    fileprivate func matches(_ entry: SuppressionEntry) -> Bool {
        (scope == nil || entry.scope == scope) && (reason == nil || entry.reason == reason)
            && (sender == nil || entry.sender?.suppressionKey == sender?.suppressionKey)
    }
}

/// The part of an account's list with one scope, one reason and at most one sender, which one index holds in the order of its ids.
///
/// Every filter but the one by address is the union of a few of these parts, so that no filter reads past entries that it leaves out,
/// however long the list is.
private struct SuppressionPartition {
    var condition: String
    var arguments: [DatabaseValue]

    /// The parts that a filter is the union of, its address left aside.
    static func all(of filter: SuppressionFilter) -> [SuppressionPartition] {
        filter.parts.compactMap { part in
            guard let scope = part.scope, let reason = part.reason else { return nil }
            if let sender = part.sender {
                return SuppressionPartition(
                    condition: "s.scope = 'sender' AND s.sender = ?2 AND s.reason = ?3",
                    arguments: [.text(sender.suppressionKey), .text(reason.rawValue)])
            }
            return SuppressionPartition(
                condition: "s.scope = ?2 AND s.reason = ?3", arguments: [.text(scope.rawValue), .text(reason.rawValue)])
        }
    }
}
