import Database

extension Migrations {
    static let callbacks = Migration("0003-callbacks") { dialect in
        endpoints(dialect) + outbox(dialect) + emailsKnowTheirCallbacks
    }

    private static func endpoints(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        return [
            """
            CREATE TABLE callback_endpoints (
                id \(dialect.identity), account_id \(integer) NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL, active \(integer) NOT NULL,
                created_at \(integer) NOT NULL
            )
            """,
            "CREATE INDEX callback_endpoints_account ON callback_endpoints (account_id, id)",
            """
            CREATE TABLE callback_secrets (
                account_id \(integer) PRIMARY KEY, value \(dialect.blob) NOT NULL, created_at \(integer) NOT NULL,
                previous \(dialect.blob), previous_expires_at \(integer)
            )
            """,
        ]
    }

    private static func outbox(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        let blob = dialect.blob
        return [
            // A lane is a receiver as one account calls it. It is due when one of its deliveries is, and not before it has rested.
            """
            CREATE TABLE callback_lanes (
                id \(dialect.identity), account_id \(integer) NOT NULL, target TEXT NOT NULL, due_at \(integer),
                failures \(integer) NOT NULL, paused_until \(integer), used_at \(integer) NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX callback_lanes_target ON callback_lanes (account_id, target)",
            "CREATE INDEX callback_lanes_due ON callback_lanes (due_at) WHERE due_at IS NOT NULL",
            "CREATE INDEX callback_lanes_idle ON callback_lanes (used_at) WHERE due_at IS NULL",
            // `due_at` is set while the delivery may be tried; a claim moves it to the end of its lease. One that waits for an earlier
            // delivery of the same email to the same URL has none.
            """
            CREATE TABLE callback_deliveries (
                id \(blob) PRIMARY KEY, account_id \(integer) NOT NULL, lane_id \(integer) NOT NULL, email_id \(blob),
                number \(integer) NOT NULL, endpoint_id \(integer), event_id \(blob) NOT NULL, url TEXT NOT NULL, event TEXT NOT NULL,
                status TEXT NOT NULL, failures \(integer) NOT NULL, attempts TEXT NOT NULL, due_at \(integer), lease_owner TEXT
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "id"))
            """,
            "CREATE INDEX callback_deliveries_due ON callback_deliveries (lane_id, due_at) WHERE due_at IS NOT NULL",
            "CREATE INDEX callback_deliveries_email ON callback_deliveries (email_id, number) WHERE email_id IS NOT NULL",
            "CREATE INDEX callback_deliveries_account ON callback_deliveries (account_id, id)",
            "CREATE INDEX callback_deliveries_open ON callback_deliveries (account_id, status, id) WHERE status <> 'delivered'",
        ] + dialect.makeRest(of: "callback_deliveries")
    }

    /// Each change of status has to know whom to tell, and must not read the email's text for it.
    private static let emailsKnowTheirCallbacks = [
        "ALTER TABLE emails ADD COLUMN callbacks TEXT",
        """
        UPDATE emails SET callbacks = (SELECT c.callbacks FROM email_contents c WHERE c.id = emails.id)
        WHERE EXISTS (SELECT 1 FROM email_contents c WHERE c.id = emails.id AND c.callbacks IS NOT NULL)
        """,
        "ALTER TABLE email_contents DROP COLUMN callbacks",
    ]
}
