import Database

extension Migrations {
    /// What the nodes that send have agreed on. Nothing here outlives a few seconds.
    static let nodes = Migration("0006-nodes") { dialect in
        let integer = dialect.integer
        return [
            // Messages per second that a node may send until then.
            """
            CREATE TABLE sending_shares (
                node TEXT PRIMARY KEY, share \(dialect.real) NOT NULL, expires_at \(integer) NOT NULL
            ) \(dialect.clusteredByKey)
            """,
            // One row, which is also the lock under which shares are given. `remaining`: messages of the provider's day, where it counts them.
            "CREATE TABLE sending_quota (id \(integer) PRIMARY KEY, remaining \(integer))",
        ]
    }
}
