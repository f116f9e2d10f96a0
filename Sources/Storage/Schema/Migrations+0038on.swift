import Database

extension Migrations {
    /// People who sign in, their sessions, the links that were mailed to them, and the sign-ins of programs that wait for a confirmation.
    ///
    /// `account_id` is null for people of the operator's. `password` has the parameters of its hash in it; `totp` is sealed.
    static let people = Migration("0038-people") { dialect in
        let (integer, blob) = (dialect.integer, dialect.blob)
        return [
            """
            CREATE TABLE users (
                id \(integer) PRIMARY KEY, account_id \(integer) REFERENCES accounts (id), address TEXT NOT NULL, address_key TEXT NOT NULL,
                name TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL, password TEXT, totp \(blob), pending_totp \(blob),
                totp_step \(integer) NOT NULL, issuer TEXT, subject TEXT, made_by TEXT, created_at \(integer) NOT NULL,
                signed_in_at \(integer)
            )
            """,
            "CREATE UNIQUE INDEX users_address ON users (address_key)",
            "CREATE UNIQUE INDEX users_identity ON users (issuer, subject) WHERE issuer IS NOT NULL",
            "CREATE INDEX users_account ON users (account_id, id)",
            "CREATE INDEX users_owners ON users (id) WHERE role = 'owner'",
            """
            CREATE TABLE user_recovery_codes (
                user_id \(integer) NOT NULL, code_hash \(blob) NOT NULL, PRIMARY KEY (user_id, code_hash)
            ) \(dialect.clusteredByKey)
            """,
            """
            CREATE TABLE user_links (
                token_hash \(blob) PRIMARY KEY, user_id \(integer) NOT NULL, kind TEXT NOT NULL, created_at \(integer) NOT NULL,
                expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX user_links_user ON user_links (user_id)",
            "CREATE INDEX user_links_age ON user_links (expires_at)",
            """
            CREATE TABLE user_sessions (
                id \(integer) PRIMARY KEY, secret_hash \(blob) NOT NULL, user_id \(integer) NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
                address TEXT NOT NULL, factor TEXT NOT NULL, provider_session TEXT, confirmed_at \(integer) NOT NULL,
                created_at \(integer) NOT NULL, used_at \(integer) NOT NULL, expires_at \(integer) NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX user_sessions_secret ON user_sessions (secret_hash)",
            "CREATE INDEX user_sessions_user ON user_sessions (user_id, id)",
            "CREATE INDEX user_sessions_age ON user_sessions (expires_at)",
            """
            CREATE TABLE device_sign_ins (
                secret_hash \(blob) PRIMARY KEY, user_code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, address TEXT NOT NULL,
                user_id \(integer), created_at \(integer) NOT NULL, expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX device_sign_ins_age ON device_sign_ins (expires_at)",
            // Who made a key in the dashboard, and by what and in which session a person made a change.
            "ALTER TABLE api_keys ADD COLUMN made_by TEXT",
            "ALTER TABLE audit_log ADD COLUMN factor TEXT",
            "ALTER TABLE audit_log ADD COLUMN session_id \(integer)",
        ]
    }
}
