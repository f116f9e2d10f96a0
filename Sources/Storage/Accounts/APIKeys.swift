import Database
package import MailModel

extension ReadableTransaction {
    /// The keys of all accounts for the API.
    package var keys: APIKeys<Self> { APIKeys(tx: self) }
}

/// The keys of all accounts for the API, of whose tokens only hashes are stored (specification 2.1).
package struct APIKeys<Tx: ReadableTransaction> {
    let tx: Tx
}

extension APIKeys {
    /// Returns the key whose token has this SHA-256 hash, whether or not it is active; `nil` when there is none.
    package func find(tokenHash: [UInt8]) throws -> APIKey? {
        try tx.sql.first("\(APIKeyRow.select) WHERE k.token_hash = ?1", [.blob(tokenHash)], APIKeyRow.decode)
    }

    /// Returns a key by its id; `nil` when there is none.
    package func find(_ id: Int64) throws -> APIKey? {
        try tx.sql.first("\(APIKeyRow.select) WHERE k.id = ?1", [.integer(id)], APIKeyRow.decode)
    }

    /// Returns keys, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this key's id.
    package func list(of accountID: Int64? = nil, after: Int64?, limit: Int) throws -> [APIKey] {
        let owner = accountID == nil ? "" : "AND k.account_id = ?3"
        return try tx.sql.query(
            "\(APIKeyRow.select) WHERE k.id < ?1 \(owner) ORDER BY k.id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), APIKeyRow.decode)
    }
}

extension APIKeys where Tx == Transaction {
    /// Inserts a new key.
    ///
    /// - Parameter tokenHash: the SHA-256 hash of its token; the token itself is never stored.
    package func insert(
        of account: Account, name: String, scopes: Set<Scope>, expiresAt: Timestamp?, tokenHash: [UInt8]
    ) throws -> APIKey {
        let id = try tx.sql.first(
            """
            INSERT INTO api_keys (account_id, name, token_hash, scopes, active, expires_at, created_at)
            VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6) RETURNING id
            """,
            [
                .integer(account.id), .text(name), .blob(tokenHash), .text(APIKeyRow.stored(scopes)), .timestamp(expiresAt),
                .timestamp(tx.now),
            ]
        ) { $0.integer(0) }
        guard let id else { throw StorageError.malformed("api_keys.id") }
        return APIKey(id: id, account: account, name: name, scopes: scopes, expiresAt: expiresAt, createdAt: tx.now)
    }

    /// Changes a key. Columns that are not to change keep their values: another node may be changing them.
    ///
    /// - Returns: the changed key; `nil` when there is none.
    package func update(_ id: Int64, _ changes: KeyChanges) throws -> APIKey? {
        var columns = ColumnChanges()
        columns.set("name", changes.name.map { .text($0) })
        columns.set("scopes", changes.scopes.map { .text(APIKeyRow.stored($0)) })
        columns.set("active", changes.isActive.map { .bool($0) })
        columns.set("expires_at", changes.expiresAt.map { .timestamp($0) })
        if !columns.isEmpty {
            try tx.sql.execute("UPDATE api_keys SET \(columns.assignments(from: 2)) WHERE id = ?1", [.integer(id)] + columns.values)
        }
        return try find(id)
    }

    /// Deletes a key.
    ///
    /// - Returns: false when there was no such key.
    package func delete(_ id: Int64) throws -> Bool {
        try tx.sql.execute("DELETE FROM api_keys WHERE id = ?1", [.integer(id)]) == 1
    }

    /// Records when keys were last used, by their ids. Every node does so about once a minute, for the same keys: they are locked in the
    /// order of their ids.
    package func recordUse(of keys: [Int64: Timestamp]) throws {
        let uses = keys.sorted { $0.key < $1.key }
        let lock = tx.sql.dialect.forUpdate
        if !lock.isEmpty {
            _ = try tx.sql.query(
                over: uses.map { .integer($0.key) }, { "SELECT id FROM api_keys WHERE id IN (\($0)) ORDER BY id\(lock)" }
            ) { _ in }
        }
        try tx.sql.execute(overRows: uses.map { [.integer($0.key), .timestamp($0.value)] }) {
            """
            WITH used (id, at) AS (VALUES \($0))
            UPDATE api_keys SET last_used_at = used.at FROM used
            WHERE api_keys.id = used.id AND COALESCE(api_keys.last_used_at, 0) < used.at
            """
        }
    }
}

/// The row of a key, read together with its account.
private enum APIKeyRow {
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

    /// The scopes in alphabetical order, with a comma between them.
    static func stored(_ scopes: Set<Scope>) -> String {
        scopes.map(\.rawValue).sorted().joined(separator: ",")
    }
}
