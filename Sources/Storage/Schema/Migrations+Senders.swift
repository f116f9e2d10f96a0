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

    static let subscriptions = Migration("0005-subscriptions") { dialect in
        let integer = dialect.integer
        return [
            // `address_key` is the address in lower case; `confirmed_at` and the proof beside it are set when the owner agreed.
            """
            CREATE TABLE subscriptions (
                id \(dialect.blob) PRIMARY KEY, account_id \(integer) NOT NULL REFERENCES accounts (id), list TEXT NOT NULL,
                address TEXT NOT NULL, address_key TEXT NOT NULL, sender TEXT NOT NULL, created_at \(integer) NOT NULL,
                mailed_at \(integer) NOT NULL, confirmed_at \(integer), ip_address TEXT, user_agent TEXT
            ) \(dialect.clusteredByKey)
            """,
            "CREATE UNIQUE INDEX subscriptions_address ON subscriptions (account_id, list, address_key)",
            "CREATE INDEX subscriptions_account ON subscriptions (account_id, id)",
            "CREATE INDEX subscriptions_list ON subscriptions (account_id, list, id)",
            "CREATE INDEX subscriptions_confirmed ON subscriptions (account_id, list, id) WHERE confirmed_at IS NOT NULL",
            "CREATE INDEX subscriptions_open ON subscriptions (account_id, list, id) WHERE confirmed_at IS NULL",
            "CREATE INDEX subscriptions_age ON subscriptions (mailed_at) WHERE confirmed_at IS NULL",
        ]
    }

    /// Indexes for searching emails. The others are there from the beginning.
    static let search = Migration("0005-search") { _ in
        [
            "CREATE INDEX emails_sender ON emails (sender, id)",
            // In two, because a status changes three times and more: an index of all statuses would be written seven times for an email that
            // is delivered, these are five times, two of them while it is in the queue and in memory anyway.
            "CREATE INDEX emails_pending ON emails (account_id, id) WHERE status IN (\(EmailSearch.pending))",
            "CREATE INDEX emails_passed ON emails (account_id, status, id) WHERE status NOT IN (\(EmailSearch.pending))",
        ]
    }
}
