import Database

/// The record of the last commit of each connection, in a table of one row per connection: it shows what became of a `COMMIT` whose answer is
/// lost.
///
/// A transaction id (`pg_xact_status`) does not after a failover: a new primary that never had the commit assigns its id to another one.
enum CommitRecord {
    /// Creates the table, and deletes the records of old connections.
    ///
    /// To be called under the lock of the schema.
    static func prepare(on connection: PostgresConnection) throws {
        try connection.command(
            """
            CREATE TABLE IF NOT EXISTS connection_commits (
                connection TEXT PRIMARY KEY, number BIGINT NOT NULL, committed_at TIMESTAMPTZ NOT NULL DEFAULT now()
            )
            """)
        try connection.command("DELETE FROM connection_commits WHERE committed_at < now() - INTERVAL '7 days'")
    }

    /// Writes the record of the transaction that is about to commit.
    ///
    /// - Returns: its number; `nil` when the transaction has written nothing, which needs no record.
    static func write(on connection: PostgresConnection) throws -> Int64? {
        let number = connection.nextCommitNumber()
        let written = try PostgresTransaction(connection).execute(
            """
            INSERT INTO connection_commits (connection, number) SELECT ?1, ?2 WHERE pg_current_xact_id_if_assigned() IS NOT NULL
            ON CONFLICT (connection) DO UPDATE SET number = excluded.number, committed_at = now()
            """,
            [.text(connection.name), .integer(number)])
        return written == 0 ? nil : number
    }

    /// Returns the number of the connection's last commit.
    ///
    /// Waits for one that is still under way in a session that broke, which has locked the row.
    ///
    /// It writes, because a commit waits for the standbys to have all earlier ones: the broken session may have ended its own wait, and a
    /// commit that only the primary has could still be lost.
    static func read(on connection: PostgresConnection) throws -> Int64? {
        try PostgresTransaction(connection).query(
            "UPDATE connection_commits SET committed_at = now() WHERE connection = ?1 RETURNING number", [.text(connection.name)]
        ) { $0.integer(0) }.first
    }
}
