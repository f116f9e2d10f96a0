import Database
import MailModel

extension Migrations {
    static let reports = Migration("0008-reports") { dialect in
        let integer = dialect.integer
        let measures = ReportRow.measures.map { "\($0) \(integer) NOT NULL" }.joined(separator: ", ")
        return [
            // Which of what may happen once to an email was counted (`ReportMarks`).
            "ALTER TABLE emails ADD COLUMN reported \(integer) NOT NULL DEFAULT 0",
            // One row for each scope, label, account and quarter of an hour. Nodes count in slots of their own: none waits for another.
            """
            CREATE TABLE report_counts (
                scope \(integer) NOT NULL, label TEXT NOT NULL, account_id \(integer) NOT NULL, quarter \(integer) NOT NULL,
                slot \(integer) NOT NULL, \(measures), PRIMARY KEY (scope, label, account_id, quarter, slot)
            ) \(dialect.clusteredByKey)
            """,
            // What is not summed up by the day yet, for the retention.
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
}
