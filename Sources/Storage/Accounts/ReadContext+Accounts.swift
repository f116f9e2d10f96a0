import Database
package import MailModel

extension ReadContext {
    package func account(reference: String) throws -> Account? {
        try transaction.first("SELECT \(AccountRow.columns) FROM accounts WHERE reference = ?1", [.text(reference)], AccountRow.decode)
    }

    /// In a write it is read once in a transaction, however many emails ask for it.
    package func account(_ id: Int64) throws -> Account? {
        try (self as? WriteContext)?.knownAccount(id) ?? selectAccount(id)
    }

    func selectAccount(_ id: Int64) throws -> Account? {
        try transaction.first("SELECT \(AccountRow.columns) FROM accounts WHERE id = ?1", [.integer(id)], AccountRow.decode)
    }

    /// Accounts with the names of their live domains, newest first.
    ///
    /// - Parameter status: only those; `nil` for all. The review queue has an index of its own, which leaves those out that are `ok`.
    package func accounts(
        _ status: Account.Status? = nil, after: Int64?, limit: Int
    ) throws -> [(account: Account, domains: [String])] {
        try accountRows(status, after: after, limit: limit).map { ($0, try domainNames(of: $0.id)) }
    }

    func accountRows(_ status: Account.Status?, after: Int64?, limit: Int) throws -> [Account] {
        // The words of the partial index, by which the database knows that it may use it.
        let condition = status == nil ? "" : status == .ok ? "AND status = ?3" : "AND status = ?3 AND status <> 'ok'"
        return try transaction.query(
            "SELECT \(AccountRow.columns) FROM accounts WHERE id < ?1 \(condition) ORDER BY id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (status.map { [.text($0.rawValue)] } ?? []), AccountRow.decode)
    }

    package func domainNames(of accountID: Int64) throws -> [String] {
        try transaction.query(
            "SELECT name FROM domains WHERE account_id = ?1 AND deleted_at IS NULL ORDER BY id DESC", [.integer(accountID)]
        ) { $0.text(0) }
    }

    /// The key whose token has this SHA-256 hash, whether or not it is active.
    package func apiKey(tokenHash: [UInt8]) throws -> APIKey? {
        try transaction.first("\(APIKeyRow.select) WHERE k.token_hash = ?1", [.blob(tokenHash)], APIKeyRow.decode)
    }

    package func apiKey(_ id: Int64) throws -> APIKey? {
        try transaction.first("\(APIKeyRow.select) WHERE k.id = ?1", [.integer(id)], APIKeyRow.decode)
    }

    /// Keys, newest first.
    ///
    /// - Parameter accountID: only this account's; `nil` for all.
    package func apiKeys(of accountID: Int64? = nil, after: Int64?, limit: Int) throws -> [APIKey] {
        let owner = accountID == nil ? "" : "AND k.account_id = ?3"
        return try transaction.query(
            "\(APIKeyRow.select) WHERE k.id < ?1 \(owner) ORDER BY k.id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), APIKeyRow.decode)
    }
}

enum AccountRow {
    static let columns = "id, reference, status, created_at"

    static func decode(_ row: any DatabaseRow) throws -> Account {
        try decode(row, at: 0)
    }

    static func decode(_ row: any DatabaseRow, at column: Int) throws -> Account {
        Account(
            id: row.integer(column), reference: row.text(column + 1), status: try row.choice(column + 2),
            createdAt: row.requiredTimestamp(column + 3))
    }
}

enum APIKeyRow {
    static let select = """
        SELECT k.id, k.name, k.scopes, k.active, k.expires_at, k.created_at, k.last_used_at, a.id, a.reference, a.status, a.created_at
        FROM api_keys k JOIN accounts a ON a.id = k.account_id
        """

    static func decode(_ row: any DatabaseRow) throws -> APIKey {
        APIKey(
            id: row.integer(0), account: try AccountRow.decode(row, at: 7), name: row.text(1),
            scopes: Set(row.text(2).split(separator: ",").compactMap { Scope(rawValue: String($0)) }), isActive: row.bool(3),
            expiresAt: row.timestamp(4), createdAt: row.requiredTimestamp(5), lastUsedAt: row.timestamp(6))
    }
}
