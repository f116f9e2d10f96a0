import Database

extension Migrations {
    /// Whose a domain is, and how that was proven.
    ///
    /// Domains of before are proven if they are verified; the others are claims without a time, which begin to lapse when the job first
    /// sees them. Who made their identities is not known.
    static let ownership = Migration("0020-ownership") { dialect in
        let integer = dialect.integer
        return [
            "ALTER TABLE domains ADD COLUMN ownership TEXT NOT NULL DEFAULT 'pending'",
            "ALTER TABLE domains ADD COLUMN ownership_token TEXT",
            "ALTER TABLE domains ADD COLUMN needs_record \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE domains ADD COLUMN proven_at \(integer)",
            "ALTER TABLE domains ADD COLUMN claimed_at \(integer)",
            "ALTER TABLE domains ADD COLUMN ses_identity TEXT",
            "UPDATE domains SET ownership = 'proven', proven_at = created_at WHERE ses_verified = 1",
            "UPDATE domains SET ses_identity = 'found' WHERE verification_requested_at IS NOT NULL",
            "DROP INDEX domains_name",
            "CREATE UNIQUE INDEX domains_claim ON domains (name, account_id) WHERE deleted_at IS NULL",
            "CREATE UNIQUE INDEX domains_proven ON domains (name) WHERE deleted_at IS NULL AND ownership = 'proven'",
            // What an account gave up comes back to it; what was given up suspended is held for the operator.
            "CREATE INDEX domains_given_up ON domains (name, account_id) WHERE deleted_at IS NOT NULL",
            // The claims of an account, and of all accounts by their age; and those that wait for the operator.
            "CREATE INDEX domains_unproven ON domains (account_id, id) WHERE deleted_at IS NULL AND ownership <> 'proven'",
            "CREATE INDEX domains_claimed ON domains (COALESCE(claimed_at, 0)) WHERE deleted_at IS NULL AND ownership = 'pending'",
            "CREATE INDEX domains_review ON domains (id) WHERE deleted_at IS NULL AND ownership = 'review'",
            // Identities that Martlet made and has not deleted yet, of domains that were given up.
            "CREATE INDEX domains_left_over ON domains (id) WHERE deleted_at IS NOT NULL AND ses_identity = 'made'",
        ]
    }

    /// The limits and counters of accounts, and the ceilings of domains.
    static let accountQuotas = Migration("0021-account-quotas") { dialect in
        let integer = dialect.integer
        return [
            // Null where an earlier version has made the domain: its limit is its ceiling.
            "ALTER TABLE domains ADD COLUMN daily_ceiling \(integer)",
            "ALTER TABLE domains ADD COLUMN monthly_ceiling \(integer)",
            "ALTER TABLE accounts ADD COLUMN daily_limit \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE accounts ADD COLUMN monthly_limit \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE accounts ADD COLUMN enforcement TEXT NOT NULL DEFAULT 'hard'",
            "ALTER TABLE accounts ADD COLUMN domains_limit \(integer) NOT NULL DEFAULT 0",
            // The day and the month of the last resets by a call, and what had been sent in them by then.
            "ALTER TABLE accounts ADD COLUMN reset_day \(integer)",
            "ALTER TABLE accounts ADD COLUMN reset_day_sent \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE accounts ADD COLUMN reset_month \(integer)",
            "ALTER TABLE accounts ADD COLUMN reset_month_at \(integer)",
            "ALTER TABLE accounts ADD COLUMN reset_month_sent \(integer) NOT NULL DEFAULT 0",
            // Whether the account has limits that messages count against, as whoever writes the row has to know.
            "ALTER TABLE account_days ADD COLUMN limited \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE counter_resets ADD COLUMN last_account \(integer) NOT NULL DEFAULT 0",
            "ALTER TABLE counter_resets ADD COLUMN has_all_accounts \(integer) NOT NULL DEFAULT 0",
            """
            CREATE TABLE usage_days (
                account_id \(integer) NOT NULL, day \(integer) NOT NULL, domain_id \(integer) NOT NULL, sender TEXT NOT NULL,
                sent \(integer) NOT NULL, refused \(integer) NOT NULL, bounces \(integer) NOT NULL, complaints \(integer) NOT NULL,
                PRIMARY KEY (account_id, day, domain_id, sender)
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX usage_days_day ON usage_days (day)",
        ]
    }

    /// What keys are bound to, and the tokens that they had before a rotation.
    ///
    /// The lists are separated by commas; null is no bound.
    static let keyBounds = Migration("0022-key-bounds") { dialect in
        let integer = dialect.integer
        return [
            "ALTER TABLE api_keys ADD COLUMN domains TEXT",
            "ALTER TABLE api_keys ADD COLUMN allowed_ips TEXT",
            "ALTER TABLE api_keys ADD COLUMN rate_limit \(integer)",
            "ALTER TABLE api_keys ADD COLUMN previous_token_hash \(dialect.blob)",
            "ALTER TABLE api_keys ADD COLUMN previous_expires_at \(integer)",
            "CREATE UNIQUE INDEX api_keys_previous_token ON api_keys (previous_token_hash) WHERE previous_token_hash IS NOT NULL",
            "CREATE INDEX sessions_key ON sessions (key_id) WHERE key_id IS NOT NULL",
        ]
    }

    /// The log of who changed what.
    ///
    /// Its ids are UUIDs that sort by their time.
    static let audit = Migration("0023-audit") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE audit_log (
                id \(dialect.blob) PRIMARY KEY, account_id \(integer), actor_kind TEXT NOT NULL, actor_id \(integer), actor_name TEXT NOT NULL,
                address TEXT, action TEXT NOT NULL, target TEXT NOT NULL, old_values TEXT, new_values TEXT
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "id"))
            """,
            "CREATE INDEX audit_log_account ON audit_log (account_id, id) WHERE account_id IS NOT NULL",
            "CREATE INDEX audit_log_actor ON audit_log (actor_id, actor_kind, id) WHERE actor_id IS NOT NULL",
            "CREATE INDEX audit_log_action ON audit_log (action, id)",
            "CREATE INDEX audit_log_target ON audit_log (target, id)",
        ] + dialect.makeRest(of: "audit_log")
    }

    /// The one place for a pinned SNS topic, so that two nodes never pin one each.
    static let pinnedTopic = Migration("0024-pinned-topic") { dialect in
        [
            "ALTER TABLE sns_topics ADD COLUMN place \(dialect.integer)",
            "UPDATE sns_topics SET place = 1 WHERE arn = (SELECT arn FROM sns_topics ORDER BY pinned_at, arn LIMIT 1)",
            "CREATE UNIQUE INDEX sns_topics_place ON sns_topics (place)",
        ]
    }

    /// Why something is kept among the unmatched events that is no event; and the opens and clicks by programs.
    static let queues = Migration("0025-queues") { dialect in
        ["ALTER TABLE unmatched_events ADD COLUMN reason TEXT"]
            + ["automated_opens", "automated_clicks"].map {
                "ALTER TABLE report_counts ADD COLUMN \($0) \(dialect.integer) NOT NULL DEFAULT 0"
            }
    }

    /// Whether work is held, in one row.
    static let holds = Migration("0026-holds") { dialect in
        let integer = dialect.integer
        return ["CREATE TABLE holds (id \(integer) PRIMARY KEY, reason TEXT NOT NULL, held_at \(integer) NOT NULL)"]
    }

    /// The notices of accounts with the outbox of their emails, and the contacts that they are mailed to.
    ///
    /// `once_key` distinguishes what an account is told once, such as a limit that is used up in a period.
    static let notices = Migration("0027-notices") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE notices (
                id \(integer) PRIMARY KEY, account_id \(integer) NOT NULL, kind TEXT NOT NULL, level TEXT NOT NULL, subject TEXT NOT NULL,
                explanation TEXT NOT NULL, details TEXT, created_at \(integer) NOT NULL, once_key TEXT, mail_due_at \(integer),
                mailed_at \(integer)
            )
            """,
            "CREATE UNIQUE INDEX notices_once ON notices (account_id, once_key) WHERE once_key IS NOT NULL",
            "CREATE INDEX notices_account ON notices (account_id, id)",
            "CREATE INDEX notices_due ON notices (mail_due_at) WHERE mail_due_at IS NOT NULL",
            "CREATE INDEX notices_mailed ON notices (account_id, subject, kind, level, mailed_at) WHERE mailed_at IS NOT NULL",
            "CREATE INDEX notices_age ON notices (created_at)",
            """
            CREATE TABLE account_contacts (
                account_id \(integer) NOT NULL, number \(integer) NOT NULL, address TEXT NOT NULL, events TEXT NOT NULL,
                language TEXT NOT NULL, PRIMARY KEY (account_id, number)
            ) \(dialect.clusteredByKey)
            """,
        ]
    }

    /// The access keys of keys for the API of SES, with their sealed secrets, and the form in which an endpoint gets events.
    static let accessKeys = Migration("0028-access-keys") { dialect in
        [
            "ALTER TABLE api_keys ADD COLUMN aws_key_id TEXT",
            "ALTER TABLE api_keys ADD COLUMN aws_secret \(dialect.blob)",
            "ALTER TABLE api_keys ADD COLUMN previous_aws_key_id TEXT",
            "ALTER TABLE api_keys ADD COLUMN previous_aws_secret \(dialect.blob)",
            "CREATE UNIQUE INDEX api_keys_aws_key ON api_keys (aws_key_id) WHERE aws_key_id IS NOT NULL",
            "CREATE UNIQUE INDEX api_keys_previous_aws_key ON api_keys (previous_aws_key_id) WHERE previous_aws_key_id IS NOT NULL",
            "ALTER TABLE callback_endpoints ADD COLUMN kind TEXT NOT NULL DEFAULT 'martlet'",
        ]
    }

    /// By what messages that are submitted again are known.
    static let messageRepetitions = Migration("0029-message-repetitions") { dialect in
        [
            """
            CREATE TABLE message_repetitions (
                id \(dialect.blob) PRIMARY KEY, email_id \(dialect.blob) NOT NULL, created_at \(dialect.integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX message_repetitions_age ON message_repetitions (created_at)",
        ]
    }

    /// The default names of domains in `From`, and the latest refused sends of accounts.
    ///
    /// `account_id` is 0 for those of the operator, whose account is not known. Ids are UUIDs that sort by their time.
    static let namesAndRefusals = Migration("0030-names-and-refusals") { dialect in
        let integer = dialect.integer
        return [
            "ALTER TABLE domains ADD COLUMN from_name TEXT",
            """
            CREATE TABLE refusals (
                id \(dialect.blob) PRIMARY KEY, account_id \(integer) NOT NULL, key_name TEXT NOT NULL, recipient TEXT, sender TEXT,
                http_status \(integer) NOT NULL, code TEXT NOT NULL, explanation TEXT NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX refusals_account ON refusals (account_id, id)",
        ]
    }

    /// The texts that emails of templates are made of, each version once, and the values of each email (``TemplateVersions``).
    ///
    /// Versions are not clustered by key: rows of megabytes would make searches by key slow.
    static let templateVersions = Migration("0031-template-versions") { dialect in
        let (integer, blob) = (dialect.integer, dialect.blob)
        return [
            """
            CREATE TABLE template_versions (
                id \(blob) PRIMARY KEY, body TEXT NOT NULL, html TEXT, is_html \(integer) NOT NULL, check_at \(integer) NOT NULL
            )
            """,
            "CREATE INDEX template_versions_check ON template_versions (check_at)",
            """
            CREATE TABLE email_templates (
                email_id \(blob) PRIMARY KEY, version_id \(blob) NOT NULL, variables TEXT NOT NULL
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "email_id"))
            """,
            "CREATE INDEX email_templates_version ON email_templates (version_id, email_id)",
        ] + dialect.makeRest(of: "email_templates")
    }
}
