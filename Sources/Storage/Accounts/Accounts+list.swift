import Database
package import MailModel

/// An account in a list, with some of its domains.
package struct AccountSummary: Sendable, Equatable {
    /// The account.
    package let account: Account
    /// The names of its newest live domains, at most ``mostDomains``.
    package let domains: [String]
    /// Whether it has more domains than ``domains``.
    package let hasMoreDomains: Bool

    static let mostDomains = 3
}

extension Accounts {
    /// Returns accounts with the names of their live domains, newest first.
    ///
    /// - Parameters:
    ///   - status: only those; `nil` for all. The review queue has an index of its own, which leaves those out that are `ok`.
    ///   - after: begin behind this account's id.
    package func list(
        _ status: Account.Status? = nil, after: Int64?, limit: Int
    ) throws -> [(account: Account, domains: [String])] {
        try rows(status, after: after, limit: limit).map { ($0, try tx.domains.listNames(of: $0.id)) }
    }

    /// Returns accounts, newest first.
    ///
    /// What it costs does not depend on how many domains they have.
    ///
    /// - Parameters:
    ///   - status: only those; `nil` for all.
    ///   - after: begin behind this account's id.
    package func listSummaries(_ status: Account.Status?, after: Int64?, limit: Int) throws -> [AccountSummary] {
        try rows(status, after: after, limit: limit).map(summary)
    }

    /// Returns accounts whose reference begins with a text, newest first.
    ///
    /// - Parameter after: begin behind this account's id.
    package func listSummaries(beginningWith text: String, after: Int64?, limit: Int) throws -> [AccountSummary] {
        // Compared by the length in characters, as the database counts them: no collation is involved.
        try tx.sql.query(
            """
            SELECT \(AccountRow.columns) FROM accounts WHERE id < ?1 AND SUBSTR(reference, 1, LENGTH(?2)) = ?2 ORDER BY id DESC LIMIT ?3
            """, [.integer(after ?? .max), .text(text), .integer(limit)], AccountRow.decode
        ).map(summary)
    }

    private func rows(_ status: Account.Status?, after: Int64?, limit: Int) throws -> [Account] {
        // The condition of the partial index, by which the database knows that it may use it.
        let condition = status == nil ? "" : status == .ok ? "AND status = ?3" : "AND status = ?3 AND status <> 'ok'"
        return try tx.sql.query(
            "SELECT \(AccountRow.columns) FROM accounts WHERE id < ?1 \(condition) ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (status.map { [.text($0.rawValue)] } ?? []), AccountRow.decode)
    }

    private func summary(_ account: Account) throws -> AccountSummary {
        let names = try tx.sql.query(
            "SELECT name FROM domains WHERE account_id = ?1 AND deleted_at IS NULL ORDER BY id DESC LIMIT ?2",
            [.integer(account.id), .integer(AccountSummary.mostDomains + 1)]
        ) { $0.text(0) }
        return AccountSummary(
            account: account, domains: Array(names.prefix(AccountSummary.mostDomains)),
            hasMoreDomains: names.count > AccountSummary.mostDomains)
    }

    /// Returns the ids of accounts that have a warning, in ascending order.
    ///
    /// - Parameter after: begin behind this id; 0 for the first ones.
    package func listWarned(after: Int64, limit: Int) throws -> [Int64] {
        try tx.sql.query(
            "SELECT id FROM accounts WHERE status = 'warning' AND id > ?1 ORDER BY id LIMIT ?2", [.integer(after), .integer(limit)]
        ) { $0.integer(0) }
    }
}

extension Accounts where Tx == Transaction {
    /// Returns those of the accounts that still have a warning, their rows locked until the transaction ends.
    ///
    /// - Parameter ids: in ascending order, in which all nodes lock them.
    package func listWarnedForUpdate(_ ids: [Int64]) throws -> [Account] {
        let lock = tx.sql.dialect.forUpdate
        return try tx.sql.query(
            over: ids.map { .integer($0) },
            { "SELECT \(AccountRow.columns) FROM accounts WHERE id IN (\($0)) AND status = 'warning' ORDER BY id\(lock)" },
            AccountRow.decode)
    }
}
