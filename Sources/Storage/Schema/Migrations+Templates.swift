import Database

extension Migrations {
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
}
