import Database

// Times are milliseconds since the Unix epoch, days are days since then, months are year × 12 + month − 1.
// Booleans are 0 and 1, as SQLite has no type for them.

/// The migrations of the schema, oldest first.
enum Migrations {
    static let all: [Migration] = [
        first, policy, callbacks, recipients, senders, search, subscriptions,
        nodes, reports, sessions, copies, attachments, templates, retention, answers, writeProbe, housekeeping, periods, contentSize,
        waitingEvents, ownership, accountQuotas, keyBounds, audit, queues, pinnedTopic, holds, notices, accessKeys, messageRepetitions,
        namesAndRefusals, templateVersions, searchSegments, searchIndexes, providerTenants, erasure, mailFrom, failingReceivers,
        people,
        backups,
    ]

    private static let first = Migration(Store.firstMigration) { dialect in
        accounts(dialect) + domains(dialect) + emails(dialect) + feedback(dialect)
    }
}

extension Migrations {
    private static func accounts(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        return [
            """
            CREATE TABLE accounts (
                id \(dialect.identity), reference TEXT NOT NULL UNIQUE, status TEXT NOT NULL, created_at \(integer) NOT NULL
            )
            """,
            "CREATE TABLE secrets (name TEXT PRIMARY KEY, value \(dialect.blob) NOT NULL)",
            """
            CREATE TABLE api_keys (
                id \(dialect.identity), account_id \(integer) NOT NULL REFERENCES accounts (id), name TEXT NOT NULL,
                token_hash \(dialect.blob) NOT NULL UNIQUE, scopes TEXT NOT NULL, active \(integer) NOT NULL,
                expires_at \(integer), created_at \(integer) NOT NULL, last_used_at \(integer)
            )
            """,
        ]
    }

    private static func domains(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        return [
            """
            CREATE TABLE domains (
                id \(dialect.identity), account_id \(integer) NOT NULL REFERENCES accounts (id), name TEXT NOT NULL,
                created_at \(integer) NOT NULL, deleted_at \(integer),
                tier TEXT NOT NULL, status TEXT NOT NULL, enforcement TEXT NOT NULL,
                daily_limit \(integer) NOT NULL, monthly_limit \(integer) NOT NULL,
                warmup_profile TEXT NOT NULL, warmup_started_on \(integer), spike_max_multiplier \(dialect.real) NOT NULL,
                suspended_reason TEXT, suspended_at \(integer),
                day \(integer) NOT NULL, sent_today \(integer) NOT NULL, history TEXT NOT NULL,
                month \(integer) NOT NULL, sent_month \(integer) NOT NULL, bounces \(integer) NOT NULL, complaints \(integer) NOT NULL,
                reactivated_sent \(integer), reactivated_bounces \(integer),
                ses_verified \(integer) NOT NULL, identity_status TEXT NOT NULL, dkim_status TEXT NOT NULL,
                verification_requested_at \(integer), verification_checked_at \(integer)
            )
            """,
            // The row of a deleted domain stays for bills and reports; its name is free again.
            "CREATE UNIQUE INDEX domains_name ON domains (name) WHERE deleted_at IS NULL",
            "CREATE INDEX domains_account ON domains (account_id, id)",
            "CREATE INDEX domains_pending ON domains (verification_checked_at) WHERE ses_verified = 0 AND verification_requested_at IS NOT NULL",
            """
            CREATE TABLE frozen_counters (
                id \(dialect.identity), domain_id \(integer) NOT NULL, name TEXT NOT NULL, account_reference TEXT NOT NULL,
                month \(integer) NOT NULL, sent \(integer) NOT NULL, monthly_limit \(integer) NOT NULL,
                bounces \(integer) NOT NULL, complaints \(integer) NOT NULL, frozen_at \(integer) NOT NULL, reported \(integer) NOT NULL
            )
            """,
            "CREATE INDEX frozen_counters_month ON frozen_counters (month, name)",
            "CREATE INDEX frozen_counters_unreported ON frozen_counters (domain_id) WHERE reported = 0",
            """
            CREATE TABLE scheduled_runs (
                job TEXT NOT NULL, period TEXT NOT NULL, ran_at \(integer) NOT NULL, PRIMARY KEY (job, period)
            ) \(dialect.clusteredByKey)
            """,
        ]
    }

    private static func emails(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        let blob = dialect.blob
        return [
            // `due_at` is set while the email is in the queue; a claim moves it to the end of its lease.
            """
            CREATE TABLE emails (
                id \(blob) PRIMARY KEY, account_id \(integer) NOT NULL, domain_id \(integer) NOT NULL, operator TEXT NOT NULL,
                sender TEXT NOT NULL, recipient TEXT NOT NULL, status TEXT NOT NULL, external_id TEXT, client_id TEXT,
                created_at \(integer) NOT NULL, updated_at \(integer) NOT NULL, attempts \(integer) NOT NULL,
                due_at \(integer), lease_owner TEXT, work TEXT
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "id"))
            """,
            "CREATE INDEX emails_account ON emails (account_id, id)",
            "CREATE INDEX emails_recipient ON emails (recipient, id)",
            "CREATE INDEX emails_external ON emails (account_id, external_id, id) WHERE external_id IS NOT NULL",
            "CREATE INDEX emails_client ON emails (account_id, client_id, id) WHERE client_id IS NOT NULL",
            "CREATE INDEX emails_due ON emails (due_at) WHERE due_at IS NOT NULL",
            """
            CREATE TABLE email_tags (
                account_id \(integer) NOT NULL, tag TEXT NOT NULL, email_id \(blob) NOT NULL, PRIMARY KEY (account_id, tag, email_id)
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "email_id"))
            """,
            // Apart from `emails`: written once, read at sending and display, and not rewritten by each change of status.
            """
            CREATE TABLE email_contents (
                id \(blob) PRIMARY KEY, subject TEXT NOT NULL, body TEXT NOT NULL, html TEXT, alias TEXT, unsubscribe_text TEXT,
                callbacks TEXT, extras TEXT
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "id"))
            """,
            """
            CREATE TABLE timeline (
                email_id \(blob) NOT NULL, number \(integer) NOT NULL, status TEXT NOT NULL, at \(integer) NOT NULL,
                explanation TEXT, details TEXT, PRIMARY KEY (email_id, number)
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "email_id"))
            """,
            """
            CREATE TABLE idempotency_keys (
                account_id \(integer) NOT NULL, key TEXT NOT NULL, fingerprint \(blob) NOT NULL, email_id \(blob) NOT NULL,
                created_at \(integer) NOT NULL, PRIMARY KEY (account_id, key)
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)",
            """
            CREATE TABLE suppressions (
                id \(dialect.identity), account_id \(integer) NOT NULL, address TEXT NOT NULL, scope TEXT NOT NULL, sender TEXT NOT NULL,
                reason TEXT NOT NULL, note TEXT, created_at \(integer) NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX suppressions_address ON suppressions (account_id, address, sender)",
        ] + ["emails", "email_tags", "email_contents", "timeline"].flatMap(dialect.makeRest)
    }

    private static func feedback(_ dialect: Dialect) -> [String] {
        let integer = dialect.integer
        return [
            """
            CREATE TABLE ses_messages (
                message_id TEXT NOT NULL, email_id \(dialect.blob) NOT NULL,
                PRIMARY KEY (\(dialect.key("message_id", partitionedBy: "email_id")))
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "email_id"))
            """,
            """
            CREATE TABLE sns_receipts (
                message_id TEXT PRIMARY KEY, received_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX sns_receipts_age ON sns_receipts (received_at)",
            "CREATE TABLE sns_topics (arn TEXT PRIMARY KEY, pinned_at \(integer) NOT NULL)",
            """
            CREATE TABLE unmatched_events (
                id \(dialect.identity), message_id TEXT, kind TEXT NOT NULL, source TEXT, payload TEXT NOT NULL, received_at \(integer) NOT NULL
            )
            """,
            "CREATE INDEX unmatched_events_message ON unmatched_events (message_id)",
        ] + dialect.makeRest(of: "ses_messages")
    }
}
