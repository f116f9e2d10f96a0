import Database

extension Migrations {
    /// The progress of a copy by tables; empty when none is under way.
    static let copies = Migration("0010-copies") { dialect in
        ["CREATE TABLE copied_tables (name TEXT PRIMARY KEY, last_key TEXT, copied \(dialect.integer) NOT NULL)"]
    }

    /// The bytes of attachments, by the email whose content they belong to; their names and types are stored with the content.
    ///
    /// Not clustered by key: rows of megabytes would make searches by key slow.
    static let attachments = Migration("0011-attachments") { dialect in
        [
            """
            CREATE TABLE email_attachments (
                email_id \(dialect.blob) NOT NULL, number \(dialect.integer) NOT NULL, data \(dialect.blob) NOT NULL,
                PRIMARY KEY (email_id, number)
            )\(dialect.partitioned(by: "email_id"))
            """
        ] + dialect.makeRest(of: "email_attachments")
    }

    static let templates = Migration("0012-templates") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE templates (
                account_id \(integer) NOT NULL REFERENCES accounts (id), name TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
                html TEXT, created_at \(integer) NOT NULL, updated_at \(integer) NOT NULL, PRIMARY KEY (account_id, name)
            ) \(dialect.clusteredByKey)
            """
        ]
    }

    /// Indexes by the email, for emails that are deleted one by one.
    static let retention = Migration("0013-retention") { dialect in
        ["email_tags", "ses_messages"].map { "CREATE INDEX \($0)_email ON \(dialect.rest(of: $0)) (email_id)" }
    }

    /// The first answer to a request with an `Idempotency-Key` (``FirstAnswer``).
    ///
    /// Null where an earlier version inserted the key.
    static let answers = Migration("0014-answers") { _ in
        ["ALTER TABLE idempotency_keys ADD COLUMN answer TEXT"]
    }

    /// The row of the write probe.
    static let writeProbe = Migration("0015-write-probe") { dialect in
        let integer = dialect.integer
        return ["CREATE TABLE write_probe (id \(integer) PRIMARY KEY, written_at \(integer) NOT NULL, filling \(dialect.blob) NOT NULL)"]
    }

    /// The leases of housekeeping jobs, and the progress of resets of all counters.
    static let housekeeping = Migration("0016-housekeeping") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE job_leases (
                job TEXT PRIMARY KEY, process TEXT NOT NULL, holder TEXT NOT NULL, expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            // A call of reset-daily or reset-monthly; `last_domain` is the id of the last domain that was reset.
            """
            CREATE TABLE counter_resets (
                id \(dialect.identity), kind TEXT NOT NULL, started_at \(integer) NOT NULL, last_domain \(integer) NOT NULL,
                has_all_domains \(integer) NOT NULL, live_domains \(integer) NOT NULL, finished_at \(integer)
            )
            """,
            "CREATE UNIQUE INDEX counter_resets_open ON counter_resets (kind) WHERE finished_at IS NULL",
            // The call that reports an entry; it is reported once that call is finished.
            "ALTER TABLE frozen_counters ADD COLUMN reset_id \(integer)",
            "CREATE INDEX frozen_counters_reset ON frozen_counters (reset_id, id) WHERE reset_id IS NOT NULL",
        ]
    }

    /// The counts of earlier periods, by which bounces after a monthly reset are judged.
    static let periods = Migration("0017-periods") { dialect in
        let integer = dialect.integer
        return [
            "ALTER TABLE domains ADD COLUMN closed_periods TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE domains ADD COLUMN period_started_at \(integer)",
            "ALTER TABLE domains ADD COLUMN late_bounces \(integer) NOT NULL DEFAULT 0",
        ]
    }

    /// The size of an email's texts and attachments, beside its state: by it a claim knows the memory that a message needs before it reads
    /// the content.
    ///
    /// Earlier emails have none; they count as small.
    static let contentSize = Migration("0018-content-size") { dialect in
        ["ALTER TABLE emails ADD COLUMN content_bytes \(dialect.integer)"]
    }

    /// What an event that waits for its email does to it (``EventEffect``).
    ///
    /// Null where an earlier version stored the event; empty where its email is known and the event is still to be read from its JSON. The
    /// index has only these, which are few or none.
    static let waitingEvents = Migration("0019-waiting-events") { _ in
        [
            "ALTER TABLE unmatched_events ADD COLUMN effect TEXT",
            "CREATE INDEX unmatched_events_unread ON unmatched_events (message_id) WHERE effect = ''",
        ]
    }
}
