import Database
import MailModel

extension Migrations {
    /// The answers of the policy daemon, so that a repeated request gets the same answer and the message is counted once.
    ///
    /// The key begins with the day: rows of one day are stored together, and deleted together without an index of their age.
    static let policy = Migration("0002-policy") { dialect in
        [
            """
            CREATE TABLE policy_instances (
                day \(dialect.integer) NOT NULL, key \(dialect.blob) NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (day, key)
            ) \(dialect.clusteredByKey)
            """
        ]
    }

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
            // A lane is the queue of a receiver of one account. It is due when one of its deliveries is, and not during a pause.
            """
            CREATE TABLE callback_lanes (
                id \(dialect.identity), account_id \(integer) NOT NULL, target TEXT NOT NULL, due_at \(integer),
                failures \(integer) NOT NULL, paused_until \(integer), used_at \(integer) NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX callback_lanes_target ON callback_lanes (account_id, target)",
            "CREATE INDEX callback_lanes_due ON callback_lanes (due_at) WHERE due_at IS NOT NULL",
            "CREATE INDEX callback_lanes_idle ON callback_lanes (used_at) WHERE due_at IS NULL",
            // `due_at` is set while the delivery may be attempted; a claim moves it to the end of its lease. One that waits for an earlier
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

    /// The URLs of an email, apart from its content, so that a change of status does not read the content for them.
    private static let emailsKnowTheirCallbacks = [
        "ALTER TABLE emails ADD COLUMN callbacks TEXT",
        """
        UPDATE emails SET callbacks = (SELECT c.callbacks FROM email_contents c WHERE c.id = emails.id)
        WHERE EXISTS (SELECT 1 FROM email_contents c WHERE c.id = emails.id AND c.callbacks IS NOT NULL)
        """,
        "ALTER TABLE email_contents DROP COLUMN callbacks",
    ]

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
            // When the operator last lifted a block or warning, and the counts of that day until then: later ones are judged.
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

    static let senders = Migration("0005-senders") { dialect in
        let integer = dialect.integer
        return [
            // An address belongs to one account, as SES verifies it once for all of them. `checked_at` is 0 before the first check.
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

    /// Further indexes for searching emails.
    static let search = Migration("0005-search") { _ in
        let pending = "'SCHEDULED', 'QUEUED', 'DEQUEUED'"
        return [
            "CREATE INDEX emails_sender ON emails (sender, id)",
            // Two, because a status changes three times or more: an index of all statuses would be written seven times for an email that is
            // delivered, these are written five times, two of them while the email is in the queue and cached anyway.
            "CREATE INDEX emails_pending ON emails (account_id, id) WHERE status IN (\(pending))",
            "CREATE INDEX emails_passed ON emails (account_id, status, id) WHERE status NOT IN (\(pending))",
        ]
    }

    /// The shares of the sending rate.
    ///
    /// All rows expire within seconds.
    static let nodes = Migration("0006-nodes") { dialect in
        let integer = dialect.integer
        return [
            // Messages per second that a node may send until `expires_at`.
            """
            CREATE TABLE sending_shares (
                node TEXT PRIMARY KEY, share \(dialect.real) NOT NULL, expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            // One row, which is also the lock under which shares are granted. `remaining`: messages of the provider's day, where it counts them.
            "CREATE TABLE sending_quota (id \(integer) PRIMARY KEY, remaining \(integer))",
        ]
    }

    static let reports = Migration("0008-reports") { dialect in
        let integer = dialect.integer
        // Two more came later (0025).
        let measures = ReportRow.measures.prefix(14).map { "\($0) \(integer) NOT NULL" }.joined(separator: ", ")
        return [
            // The measures that the email was counted for (`ReportMarks`).
            "ALTER TABLE emails ADD COLUMN reported \(integer) NOT NULL DEFAULT 0",
            // One row for each scope, label, account, quarter of an hour and slot. Nodes count in slots of their own, so that none waits for another.
            """
            CREATE TABLE report_counts (
                scope \(integer) NOT NULL, label TEXT NOT NULL, account_id \(integer) NOT NULL, quarter \(integer) NOT NULL,
                slot \(integer) NOT NULL, \(measures), PRIMARY KEY (scope, label, account_id, quarter, slot)
            ) \(dialect.clusteredByKey)
            """,
            // The rows that are not summed up by the day yet, for retention.
            "CREATE INDEX report_counts_age ON report_counts (quarter) WHERE slot >= 0",
            """
            CREATE TABLE campaigns (
                id \(dialect.identity), account_id \(integer) NOT NULL, external_id TEXT NOT NULL, created_at \(integer) NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX campaigns_name ON campaigns (account_id, external_id)",
            "CREATE INDEX campaigns_account ON campaigns (account_id, id)",
        ]
    }

    /// The sessions of the dashboard, and the indexes of its overview.
    ///
    /// A session belongs to a key, or to the master token with the fingerprint at login.
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
