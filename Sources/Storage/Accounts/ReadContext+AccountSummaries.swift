import Database
package import MailModel

/// An account in a list, with some of its domains.
package struct AccountSummary: Sendable, Equatable {
    package let account: Account
    /// The newest, at most ``mostDomains``.
    package let domains: [String]
    package let hasMoreDomains: Bool

    static let mostDomains = 3
}

extension ReadContext {
    /// Accounts, newest first. What it costs does not depend on how many domains they have.
    ///
    /// - Parameter status: only those; `nil` for all.
    package func accountSummaries(_ status: Account.Status?, after: Int64?, limit: Int) throws -> [AccountSummary] {
        try accountRows(status, after: after, limit: limit).map(summary)
    }

    /// Accounts whose reference begins with a text, newest first.
    package func accounts(beginningWith text: String, after: Int64?, limit: Int) throws -> [AccountSummary] {
        // By the length of the beginning in characters, as the database counts them, so that no collation is asked.
        try transaction.query(
            """
            SELECT \(AccountRow.columns) FROM accounts WHERE id < ?1 AND SUBSTR(reference, 1, LENGTH(?2)) = ?2 ORDER BY id DESC LIMIT ?3
            """, [.integer(after ?? .max), .text(text), .integer(limit)], AccountRow.decode
        ).map(summary)
    }

    private func summary(_ account: Account) throws -> AccountSummary {
        let names = try transaction.query(
            "SELECT name FROM domains WHERE account_id = ?1 AND deleted_at IS NULL ORDER BY id DESC LIMIT ?2",
            [.integer(account.id), .integer(AccountSummary.mostDomains + 1)]
        ) { $0.text(0) }
        return AccountSummary(
            account: account, domains: Array(names.prefix(AccountSummary.mostDomains)),
            hasMoreDomains: names.count > AccountSummary.mostDomains)
    }
}
