import Database
package import MailModel

extension WriteContext {
    /// The account of that reference; made on first use (specification 2.4).
    package func findOrCreateAccount(reference: String) throws -> Account {
        if let account = try account(reference: reference) { return account }
        // Another node may be making it at this moment; then this waits, and finds it.
        try transaction.execute(
            "INSERT INTO accounts (reference, status, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(reference), .text(Account.Status.ok.rawValue), .timestamp(now)])
        guard let account = try account(reference: reference) else { throw StorageError.malformed("accounts.id") }
        return account
    }

    /// Locks an account until the transaction ends, for what is decided by all that it has: that it has no more than it may, or nothing of a name.
    /// Of two nodes that add something the second sees what the first has added.
    package func lockBelongings(of accountID: Int64) throws {
        let lock = transaction.dialect.forUpdate
        guard !lock.isEmpty else { return }
        _ = try transaction.query("SELECT id FROM accounts WHERE id = ?1\(lock)", [.integer(accountID)]) { _ in }
    }

    func knownAccount(_ id: Int64) throws -> Account? {
        if let known = accounts[id] { return known }
        let found = try selectAccount(id)
        accounts[id] = found
        return found
    }

    /// Keeps a new key.
    ///
    /// - Parameter tokenHash: the SHA-256 hash of its token; the token itself is never stored.
    package func createAPIKey(
        of account: Account, name: String, scopes: Set<Scope>, expiresAt: Timestamp?, tokenHash: [UInt8]
    ) throws -> APIKey {
        let id = try transaction.first(
            """
            INSERT INTO api_keys (account_id, name, token_hash, scopes, active, expires_at, created_at)
            VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6) RETURNING id
            """,
            [
                .integer(account.id), .text(name), .blob(tokenHash), .text(scopes.stored), .timestamp(expiresAt), .timestamp(now),
            ]
        ) { $0.integer(0) }
        guard let id else { throw StorageError.malformed("api_keys.id") }
        return APIKey(id: id, account: account, name: name, scopes: scopes, expiresAt: expiresAt, createdAt: now)
    }

    /// Changes a key; what is not to change is left as another node may be changing it.
    ///
    /// - Returns: the key as it is then; `nil` when there is none.
    package func updateAPIKey(_ id: Int64, _ changes: KeyChanges) throws -> APIKey? {
        var columns = ColumnChanges()
        columns.set("name", changes.name.map { .text($0) })
        columns.set("scopes", changes.scopes.map { .text($0.stored) })
        columns.set("active", changes.isActive.map { .bool($0) })
        columns.set("expires_at", changes.expiresAt.map { .timestamp($0) })
        if !columns.isEmpty {
            try transaction.execute("UPDATE api_keys SET \(columns.assignments(from: 2)) WHERE id = ?1", [.integer(id)] + columns.values)
        }
        return try apiKey(id)
    }

    /// - Returns: false when there was no such key.
    package func deleteAPIKey(_ id: Int64) throws -> Bool {
        try transaction.execute("DELETE FROM api_keys WHERE id = ?1", [.integer(id)]) == 1
    }

    /// Records when keys were last used. Every node does, about once a minute, of the same keys: they are locked in the order of their ids.
    package func recordUse(of keys: [Int64: Timestamp]) throws {
        let uses = keys.sorted { $0.key < $1.key }
        let lock = transaction.dialect.forUpdate
        if !lock.isEmpty {
            _ = try transaction.query(
                over: uses.map { .integer($0.key) }, { "SELECT id FROM api_keys WHERE id IN (\($0)) ORDER BY id\(lock)" }
            ) { _ in }
        }
        try transaction.execute(overRows: uses.map { [.integer($0.key), .timestamp($0.value)] }) {
            """
            WITH used (id, at) AS (VALUES \($0))
            UPDATE api_keys SET last_used_at = used.at FROM used
            WHERE api_keys.id = used.id AND COALESCE(api_keys.last_used_at, 0) < used.at
            """
        }
    }
}

extension Set<Scope> {
    var stored: String { map(\.rawValue).sorted().joined(separator: ",") }
}

extension WriteContext {
    /// A secret that all nodes share; the first to ask decides what it is.
    ///
    /// - Parameter candidate: fresh random bytes, kept when there is no such secret yet.
    package func secret(named name: String, candidate: [UInt8]) throws -> [UInt8] {
        try transaction.execute(
            "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", [.text(name), .blob(candidate)])
        return try transaction.first("SELECT value FROM secrets WHERE name = ?1", [.text(name)]) { $0.blob(0) } ?? candidate
    }
}
