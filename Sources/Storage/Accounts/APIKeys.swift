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
    ///
    /// - Returns: the key, and when its token ends: `nil` for its present one, a time for the one from before its last rotation.
    package func find(tokenHash: [UInt8]) throws -> (key: APIKey, tokenExpiresAt: Timestamp?)? {
        try tx.sql.first(
            "\(APIKeyRow.select(", CASE WHEN k.token_hash = ?1 THEN 1 ELSE 0 END")) WHERE k.token_hash = ?1 OR k.previous_token_hash = ?1",
            [.blob(tokenHash)]
        ) { row in
            let key = try APIKeyRow.decode(row)
            return (key, row.bool(APIKeyRow.columns) ? nil : key.previousTokenExpiresAt)
        }
    }

    /// Returns the key that an access key for the API of SES belongs to, whether or not it is active; `nil` when there is none.
    ///
    /// - Returns: the key, the sealed secret, and when the access key ends: `nil` for the present one, a time for the one from before the last
    ///   rotation.
    package func find(accessKeyID: String) throws -> (key: APIKey, sealedSecret: [UInt8], expiresAt: Timestamp?)? {
        try tx.sql.first(
            """
            \(APIKeyRow.select(", CASE WHEN k.aws_key_id = ?1 THEN k.aws_secret ELSE k.previous_aws_secret END"))
            WHERE k.aws_key_id = ?1 OR k.previous_aws_key_id = ?1
            """, [.text(accessKeyID)]
        ) { row in
            let key = try APIKeyRow.decode(row)
            return (key, row.blob(APIKeyRow.columns), key.awsAccessKeyID == accessKeyID ? nil : key.previousTokenExpiresAt)
        }
    }

    /// Returns a key by its id; `nil` when there is none.
    package func find(_ id: Int64) throws -> APIKey? {
        try tx.sql.first("\(APIKeyRow.select()) WHERE k.id = ?1", [.integer(id)], APIKeyRow.decode)
    }

    /// Returns keys, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only this account's; `nil` for all.
    ///   - after: begin behind this key's id.
    package func list(of accountID: Int64? = nil, after: Int64?, limit: Int) throws -> [APIKey] {
        let owner = accountID == nil ? "" : "AND k.account_id = ?3"
        return try tx.sql.query(
            "\(APIKeyRow.select()) WHERE k.id < ?1 \(owner) ORDER BY k.id DESC LIMIT ?2",
            [.integer(after ?? .max), .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), APIKeyRow.decode)
    }
}

extension APIKeys {
    /// Whether the account has this many keys or more.
    package func hasAtLeast(_ count: Int, accountID: Int64) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM api_keys WHERE account_id = ?1 ORDER BY id LIMIT 1 OFFSET ?2", [.integer(accountID), .integer(count - 1)]
        ) { _ in true } ?? false
    }
}

extension APIKeys where Tx == Transaction {
    /// Returns a key whose row is locked until the transaction ends; `nil` when there is none.
    ///
    /// Its account's row is not locked.
    package func findForUpdate(_ id: Int64) throws -> APIKey? {
        let lock = tx.sql.dialect.forUpdate
        if !lock.isEmpty { _ = try tx.sql.query("SELECT id FROM api_keys WHERE id = ?1\(lock)", [.integer(id)]) { _ in } }
        return try find(id)
    }

    /// Inserts a new key.
    ///
    /// - Parameters:
    ///   - tokenHash: the SHA-256 hash of its token; the token itself is never stored.
    ///   - accessKey: its access key for the API of SES, if it has one.
    package func insert(
        of account: Account, name: String, rights: KeyRights, tokenHash: [UInt8], accessKey: SealedAccessKey? = nil
    ) throws -> APIKey {
        let key = APIKey(
            id: tx.newID(), account: account, name: name, scopes: rights.scopes, bounds: rights.bounds, expiresAt: rights.expiresAt,
            createdAt: tx.now, awsAccessKeyID: accessKey?.id)
        try tx.sql.execute(
            """
            INSERT INTO api_keys (
                id, account_id, name, token_hash, scopes, active, expires_at, created_at, domains, allowed_ips, rate_limit, aws_key_id, aws_secret
            ) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """,
            [
                .integer(key.id), .integer(account.id), .text(name), .blob(tokenHash), .text(APIKeyRow.stored(key.scopes)),
                .timestamp(key.expiresAt), .timestamp(key.createdAt), .text(APIKeyRow.stored(key.bounds.domains)),
                .text(APIKeyRow.stored(key.bounds.networks)), .integer(key.bounds.rateLimit.map { Int64($0) }),
                .text(accessKey?.id), accessKey.map { .blob($0.sealedSecret) } ?? .null,
            ])
        return key
    }

    /// Changes a key.
    ///
    /// Columns that are not to change keep their values: another node may be changing them.
    ///
    /// - Returns: the changed key; `nil` when there is none.
    package func update(_ id: Int64, _ changes: KeyChanges) throws -> APIKey? {
        var columns = ColumnChanges()
        columns.set("name", changes.name.map { .text($0) })
        columns.set("scopes", changes.scopes.map { .text(APIKeyRow.stored($0)) })
        columns.set("active", changes.isActive.map { .bool($0) })
        columns.set("expires_at", changes.expiresAt.map { .timestamp($0) })
        columns.set("domains", changes.domains.map { .text(APIKeyRow.stored($0)) })
        columns.set("allowed_ips", changes.networks.map { .text(APIKeyRow.stored($0)) })
        columns.set("rate_limit", changes.rateLimit.map { .integer($0.map { Int64($0) }) })
        if !columns.isEmpty {
            try tx.sql.execute("UPDATE api_keys SET \(columns.assignments(from: 2)) WHERE id = ?1", [.integer(id)] + columns.values)
        }
        return try find(id)
    }

    /// Gives a key a new token.
    ///
    /// The token that it had until now ends at a time, and the one from before that ends at once.
    ///
    /// The sessions that were begun with the key end with its old token.
    ///
    /// - Parameter accessKey: the new access key for the API of SES, which goes the same way; `nil` for a key that has none.
    /// - Returns: the changed key; `nil` when there is none.
    package func rotate(
        _ id: Int64, tokenHash: [UInt8], accessKey: SealedAccessKey? = nil, previousExpiresAt: Timestamp
    ) throws -> APIKey? {
        try tx.sql.execute(
            """
            UPDATE api_keys SET previous_token_hash = token_hash, previous_expires_at = ?2, token_hash = ?3,
                previous_aws_key_id = aws_key_id, previous_aws_secret = aws_secret, aws_key_id = ?4, aws_secret = ?5
            WHERE id = ?1
            """,
            [
                .integer(id), .timestamp(previousExpiresAt), .blob(tokenHash), .text(accessKey?.id),
                accessKey.map { .blob($0.sealedSecret) } ?? .null,
            ])
        try tx.sessions.end(ofKey: id, at: previousExpiresAt)
        return try find(id)
    }

    /// Deletes a key.
    ///
    /// - Returns: false when there was no such key.
    package func delete(_ id: Int64) throws -> Bool {
        try tx.sql.execute("DELETE FROM api_keys WHERE id = ?1", [.integer(id)]) == 1
    }

    /// Records when keys were last used, by their ids.
    ///
    /// Every node does so about once a minute, for the same keys: they are locked in the order of their ids.
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

/// An access key for the API of SES: its id, and its secret as it is stored.
package struct SealedAccessKey: Sendable {
    /// The id of the access key, which requests name.
    package var id: String
    /// The secret, sealed with `secrets.key`.
    package var sealedSecret: [UInt8]

    /// An access key of these values.
    package init(id: String, sealedSecret: [UInt8]) {
        self.id = id
        self.sealedSecret = sealedSecret
    }
}

/// The row of a key, read together with its account.
private enum APIKeyRow {
    /// The number of columns that ``decode(_:)`` reads.
    static let columns = 16

    /// - Parameter further: columns behind those of a key, each after a comma.
    static func select(_ further: String = "") -> String {
        """
        SELECT k.id, k.name, k.scopes, k.active, k.expires_at, k.created_at, k.last_used_at, a.id, a.reference, a.status, a.created_at,
            k.domains, k.allowed_ips, k.rate_limit, k.previous_expires_at, k.aws_key_id\(further)
        FROM api_keys k JOIN accounts a ON a.id = k.account_id
        """
    }

    static func decode(_ row: any DatabaseRow) throws -> APIKey {
        APIKey(
            id: row.integer(0), account: try AccountRow.decode(row, at: 7), name: row.text(1),
            scopes: Set(row.text(2).split(separator: ",").compactMap { Scope(rawValue: String($0)) }),
            bounds: KeyBounds(
                domains: list(row.optionalText(11)).map { DomainName(validated: $0) }, networks: try networks(row.optionalText(12)),
                rateLimit: row.optionalInteger(13).map(Int.init)),
            isActive: row.bool(3), expiresAt: row.timestamp(4), createdAt: row.requiredTimestamp(5), lastUsedAt: row.timestamp(6),
            previousTokenExpiresAt: row.timestamp(14), awsAccessKeyID: row.optionalText(15))
    }

    /// A network that cannot be read is an error: left out, it would widen what the key may do.
    private static func networks(_ text: String?) throws -> [IPNetwork] {
        try list(text).map { entry in
            guard let network = IPNetwork(entry) else { throw StorageError.malformed("api_keys.allowed_ips") }
            return network
        }
    }

    private static func list(_ text: String?) -> [String] {
        text?.split(separator: ",").map(String.init) ?? []
    }

    /// The scopes in alphabetical order, with a comma between them.
    static func stored(_ scopes: Set<Scope>) -> String {
        scopes.map(\.rawValue).sorted().joined(separator: ",")
    }

    /// The entries in their order, with a comma between them; `nil` where there is none.
    static func stored(_ entries: [some CustomStringConvertible]) -> String? {
        entries.isEmpty ? nil : entries.map(\.description).joined(separator: ",")
    }
}
