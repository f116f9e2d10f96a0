import Database

extension Migrations {
    static let recipients = Migration("0004-recipients") { dialect in
        suppressions(dialect) + sesSuppressions(dialect) + reputation(dialect)
    }

    private static func suppressions(_ dialect: Dialect) -> [String] {
        [
            "ALTER TABLE suppressions ADD COLUMN source TEXT NOT NULL DEFAULT 'feedback'",
            // A list in the order of its ids is read reason by reason (see `SuppressionPartition`): two indexes serve every filter.
            "CREATE INDEX suppressions_scope ON suppressions (account_id, scope, reason, id)",
            "CREATE INDEX suppressions_sender ON suppressions (account_id, sender, reason, id) WHERE scope = 'sender'",
        ]
    }

    private static func sesSuppressions(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        return [
            """
            CREATE TABLE ses_suppression_changes (
                address TEXT PRIMARY KEY, generation \(integer) NOT NULL, due_at \(integer) NOT NULL, attempts \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX ses_suppression_changes_due ON ses_suppression_changes (due_at)",
        ]
    }

    private static func reputation(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        return [
            """
            CREATE TABLE account_days (
                account_id \(integer) NOT NULL, day \(integer) NOT NULL, sent \(integer) NOT NULL, bounces \(integer) NOT NULL,
                complaints \(integer) NOT NULL, PRIMARY KEY (account_id, day)
            ) \(dialect.clusteredByKey)
            """,
            "ALTER TABLE accounts ADD COLUMN status_reason TEXT",
            // When the operator let the account go on, and what that day had counted by then: it is judged by what came after.
            "ALTER TABLE accounts ADD COLUMN lifted_at \(integer)",
            "ALTER TABLE accounts ADD COLUMN lifted_sent \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE accounts ADD COLUMN lifted_bounces \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE accounts ADD COLUMN lifted_complaints \(integer) NOT NULL DEFAULT 0",
            // The review queue.
            "CREATE INDEX accounts_status ON accounts (status, id) WHERE status <> 'ok'",
            """
            CREATE TABLE account_reviews (
                id \(dialect.identity), account_id \(integer) NOT NULL, decision TEXT NOT NULL, note TEXT, status TEXT NOT NULL,
                at \(integer) NOT NULL
            )
            """,
            "CREATE INDEX account_reviews_account ON account_reviews (account_id, id)",
        ]
    }
}
