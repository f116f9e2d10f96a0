import Database

extension Migrations {
    /// Who is logged in to the dashboard, and what its first page looks for among all domains.
    ///
    /// A session belongs to a key, or to the master token whose fingerprint it was begun with.
    static let sessions = Migration("0009-sessions") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE sessions (
                id_hash \(dialect.blob) PRIMARY KEY, key_id \(integer), master \(dialect.blob),
                created_at \(integer) NOT NULL, used_at \(integer) NOT NULL, expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX sessions_age ON sessions (expires_at)",
            "CREATE INDEX api_keys_account ON api_keys (account_id, id)",
            "CREATE INDEX domains_suspended ON domains (id) WHERE status = 'suspended' AND deleted_at IS NULL",
        ]
    }
}
