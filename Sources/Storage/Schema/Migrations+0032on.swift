import Database
import MailModel

extension Migrations {
    /// What emails are searched by, in segments: see ``SearchSegments``.
    static let searchSegments = Migration("0032-search-segments") { dialect in
        let (integer, blob) = (dialect.integer, dialect.blob)
        return [
            """
            CREATE TABLE email_search (
                segment \(integer) NOT NULL, kind \(integer) NOT NULL, key \(integer) NOT NULL, email_id \(blob) NOT NULL,
                PRIMARY KEY (segment, kind, key, email_id)
            ) \(dialect.clusteredByKey)\(dialect.partitioned(by: "email_id"))
            """,
            // `target`: the segment that this one is being merged into; `done_…`: how far a segment that is being merged has come.
            """
            CREATE TABLE search_segments (
                id \(integer) PRIMARY KEY, level \(integer) NOT NULL, state TEXT NOT NULL, first_id \(blob) NOT NULL, last_id \(blob) NOT NULL,
                target \(integer), done_kind \(integer), done_key \(integer), done_id \(blob)
            )
            """,
            // One row, or none before the first segment.
            "CREATE TABLE search_watermark (id \(integer) PRIMARY KEY, built \(blob) NOT NULL, bound \(blob) NOT NULL, barrier \(integer))",
            "CREATE TABLE email_late (email_id \(blob) PRIMARY KEY) \(dialect.clusteredByKey)",
        ] + dialect.makeRest(of: "email_search")
    }

    /// What segments have taken the place of: indexes that each accepted email wrote at random places.
    static let searchIndexes = Migration("0033-search\(Migration.contraction)") { _ in
        ["account", "recipient", "sender", "external", "client", "pending", "passed"].map { "DROP INDEX emails_\($0)" }
            + ["DROP TABLE email_tags"]
    }

    /// What the provider pauses, and the tenants that were made there.
    static let providerTenants = Migration("0034-provider-tenants") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE sending_pauses (
                kind TEXT NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL, since \(integer) NOT NULL, refused_at \(integer) NOT NULL,
                PRIMARY KEY (kind, name)
            ) \(dialect.clusteredByKey)
            """,
            """
            CREATE TABLE provider_tenants (
                kind TEXT NOT NULL, subject_id \(integer) NOT NULL, name TEXT NOT NULL, arn TEXT NOT NULL, made_at \(integer) NOT NULL,
                status TEXT, provider_status TEXT, provider_cause TEXT, owner_status TEXT, owner_cause TEXT, impact TEXT, policy TEXT,
                checked_at \(integer) NOT NULL, changed_at \(integer), PRIMARY KEY (kind, subject_id)
            ) \(dialect.clusteredByKey)
            """,
            "CREATE UNIQUE INDEX provider_tenants_name ON provider_tenants (name)",
            "CREATE INDEX provider_tenants_checked ON provider_tenants (checked_at, name)",
            """
            CREATE TABLE provider_tenant_resources (
                tenant TEXT NOT NULL, resource TEXT NOT NULL, PRIMARY KEY (tenant, resource)
            ) \(dialect.clusteredByKey)
            """,
        ]
    }

    /// The jobs of erasures, and how far the contents of old emails were deleted.
    ///
    /// `subject` is the address, until the job has ended.
    static let erasure = Migration("0035-erasure") { dialect in
        let (integer, blob) = (dialect.integer, dialect.blob)
        return [
            """
            CREATE TABLE jobs (
                id \(blob) PRIMARY KEY, kind TEXT NOT NULL, account_id \(integer), state TEXT NOT NULL, subject TEXT, masked TEXT NOT NULL,
                phase TEXT NOT NULL, position TEXT, counts TEXT NOT NULL, failures \(integer) NOT NULL, failure TEXT,
                created_at \(integer) NOT NULL, finished_at \(integer)
            ) \(dialect.clusteredByKey)
            """,
            "CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('queued', 'running')",
            "CREATE INDEX subscriptions_key ON subscriptions (address_key)",
            "CREATE TABLE dropped_contents (id \(integer) PRIMARY KEY, last_id \(blob) NOT NULL)",
            "CREATE TABLE kept_contents (email_id \(blob) PRIMARY KEY, look_at \(integer) NOT NULL) \(dialect.clusteredByKey)",
            "CREATE INDEX kept_contents_look ON kept_contents (look_at)",
        ]
    }

    /// The MAIL FROM domain that was set for a domain.
    static let mailFrom = Migration("0036-mail-from") { _ in ["ALTER TABLE domains ADD COLUMN mail_from TEXT"] }

    /// The receivers of callbacks that keep failing: few, and looked at by every overview.
    static let failingReceivers = Migration("0037-failing-receivers") { _ in
        ["CREATE INDEX callback_lanes_failing ON callback_lanes (id) WHERE failures >= \(CallbackBreaker.threshold)"]
    }
}
