import Database

extension Migrations {
    static let senders = Migration("0005-senders") { dialect in
        let integer = dialect.integer
        return [
            // An address belongs to one account, as SES verifies it once for all of ours. `checked_at` is 0 before the first time.
            """
            CREATE TABLE senders (
                id \(dialect.identity), account_id \(integer) NOT NULL REFERENCES accounts (id), address TEXT NOT NULL UNIQUE,
                status TEXT NOT NULL, created_at \(integer) NOT NULL, requested_at \(integer), checked_at \(integer) NOT NULL
            )
            """,
            "CREATE INDEX senders_account ON senders (account_id, id)",
            "CREATE INDEX senders_due ON senders (status, checked_at)",
        ]
    }
}
