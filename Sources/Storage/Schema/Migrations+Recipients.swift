import Database

extension Migrations {
    static let recipients = Migration("0004-recipients") { dialect in
        suppressions(dialect)
    }

    private static func suppressions(_ dialect: Dialect) -> [String] {
        [
            "ALTER TABLE suppressions ADD COLUMN source TEXT NOT NULL DEFAULT 'feedback'",
            // A list in the order of its ids is read reason by reason (see `SuppressionPartition`): two indexes serve every filter.
            "CREATE INDEX suppressions_scope ON suppressions (account_id, scope, reason, id)",
            "CREATE INDEX suppressions_sender ON suppressions (account_id, sender, reason, id) WHERE scope = 'sender'",
        ]
    }
}
