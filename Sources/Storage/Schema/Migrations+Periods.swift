import Database

extension Migrations {
    /// What bounces are judged by that come back after a monthly reset: the counts of the periods before it.
    static let periods = Migration("0017-periods") { dialect in
        let integer = dialect.integer
        return [
            "ALTER TABLE domains ADD COLUMN closed_periods TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE domains ADD COLUMN period_started_at \(integer)",
            "ALTER TABLE domains ADD COLUMN late_bounces \(integer) NOT NULL DEFAULT 0",
        ]
    }
}
