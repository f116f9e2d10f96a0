import Database

extension Migrations {
    /// The time of the last backup by `martlet backup`: one row.
    static let backups = Migration("0039-backups") { dialect in
        [
            """
            CREATE TABLE backups (
                id \(dialect.integer) PRIMARY KEY, finished_at \(dialect.integer) NOT NULL, bytes \(dialect.integer) NOT NULL
            )
            """
        ]
    }
}
