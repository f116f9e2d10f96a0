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
