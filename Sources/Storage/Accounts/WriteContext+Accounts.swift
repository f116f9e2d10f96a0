import Database
public import MailModel

extension WriteContext {
    /// The account of that reference; made on first use (contract section 2).
    public func findOrCreateAccount(reference: String) throws -> Account {
        if let account = try account(reference: reference) { return account }
        // Another node may be making it at this moment; then this waits, and finds it.
        try transaction.execute(
            "INSERT INTO accounts (reference, status, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(reference), .text(Account.Status.ok.rawValue), .timestamp(now)])
        guard let account = try account(reference: reference) else { throw StorageError.malformed("accounts.id") }
        return account
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
    public func createAPIKey(
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

    /// Changes a key's name, scopes, activity and expiry.
    public func update(_ key: APIKey) throws {
        try transaction.execute(
            "UPDATE api_keys SET name = ?2, scopes = ?3, active = ?4, expires_at = ?5 WHERE id = ?1",
            [.integer(key.id), .text(key.name), .text(key.scopes.stored), .bool(key.isActive), .timestamp(key.expiresAt)])
    }

    /// - Returns: false when there was no such key.
    public func deleteAPIKey(_ id: Int64) throws -> Bool {
        try transaction.execute("DELETE FROM api_keys WHERE id = ?1", [.integer(id)]) == 1
    }

    /// Records when keys were last used.
    public func recordUse(of keys: [Int64: Timestamp]) throws {
        for (id, time) in keys {
            try transaction.execute(
                "UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1 AND COALESCE(last_used_at, 0) < ?2", [.integer(id), .timestamp(time)])
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
    public func secret(named name: String, candidate: [UInt8]) throws -> [UInt8] {
        try transaction.execute(
            "INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING", [.text(name), .blob(candidate)])
        return try transaction.first("SELECT value FROM secrets WHERE name = ?1", [.text(name)]) { $0.blob(0) } ?? candidate
    }
}
