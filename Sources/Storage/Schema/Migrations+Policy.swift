import Database

extension Migrations {
    /// What the policy daemon answered, so that a mail server that asks again hears the same and the message is counted once.
    ///
    /// The day leads the key: rows of one day lie together, and are deleted together without an index of their age.
    static let policy = Migration("0002-policy") { dialect in
        [
            """
            CREATE TABLE policy_instances (
                day \(dialect.integer) NOT NULL, key \(dialect.blob) NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (day, key)
            ) \(dialect.clusteredByKey)
            """
        ]
    }
}
