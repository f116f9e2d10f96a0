import Database

extension Migrations {
    /// Who does which job, and how far a reset of all counters has come.
    static let housekeeping = Migration("0016-housekeeping") { dialect in
        let integer = dialect.integer
        return [
            """
            CREATE TABLE job_leases (
                job TEXT PRIMARY KEY, process TEXT NOT NULL, holder TEXT NOT NULL, expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            // A call of reset-daily or reset-monthly; `last_domain` is the id of the last domain that it has passed.
            """
            CREATE TABLE counter_resets (
                id \(dialect.identity), kind TEXT NOT NULL, started_at \(integer) NOT NULL, last_domain \(integer) NOT NULL,
                has_all_domains \(integer) NOT NULL, live_domains \(integer) NOT NULL, finished_at \(integer)
            )
            """,
            "CREATE UNIQUE INDEX counter_resets_open ON counter_resets (kind) WHERE finished_at IS NULL",
            // Which call reports an entry; once that call has come to its end the entry was reported.
            "ALTER TABLE frozen_counters ADD COLUMN reset_id \(integer)",
            "CREATE INDEX frozen_counters_reset ON frozen_counters (reset_id, id) WHERE reset_id IS NOT NULL",
        ]
    }
}
