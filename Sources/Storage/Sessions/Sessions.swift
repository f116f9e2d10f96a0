import Database
package import MailModel

extension ReadableTransaction {
    /// The sessions of the dashboard.
    package var sessions: Sessions<Self> { Sessions(tx: self) }
}

/// The sessions of the dashboard, each known by the hash of its id alone.
package struct Sessions<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Sessions {
    /// Returns a session, whether or not it has expired; `nil` when there is none.
    package func find(idHash: [UInt8]) throws -> SessionRow? {
        try tx.sql.first(
            "SELECT key_id, master, created_at, used_at, expires_at FROM sessions WHERE id_hash = ?1", [.blob(idHash)], SessionRow.init)
    }
}

extension Sessions where Tx == Transaction {
    /// Inserts a new session, and deletes up to 100 that have expired.
    package func insert(_ session: SessionRow, idHash: [UInt8]) throws {
        // Those that another node is deleting are skipped.
        try tx.sql.execute(
            """
            DELETE FROM sessions WHERE expires_at <= ?1 AND id_hash IN (
                SELECT id_hash FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 100\(tx.sql.dialect.forUpdateSkipLocked))
            """, [.timestamp(tx.now)])
        let (key, master): (DatabaseValue, DatabaseValue) =
            switch session.owner {
            case .key(let id): (.integer(id), .null)
            case .master(let fingerprint): (.null, .blob(fingerprint))
            }
        try tx.sql.execute(
            "INSERT INTO sessions (id_hash, key_id, master, created_at, used_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            [
                .blob(idHash), key, master, .timestamp(session.createdAt), .timestamp(session.usedAt), .timestamp(session.expiresAt),
            ])
    }

    /// Records that a session is used now.
    package func recordUse(idHash: [UInt8]) throws {
        try tx.sql.execute("UPDATE sessions SET used_at = ?2 WHERE id_hash = ?1 AND used_at < ?2", [.blob(idHash), .timestamp(tx.now)])
    }

    /// Ends the sessions that were begun with a key at a time, those that last longer.
    func end(ofKey id: Int64, at time: Timestamp) throws {
        try tx.sql.execute(
            "UPDATE sessions SET expires_at = ?2 WHERE key_id = ?1 AND expires_at > ?2", [.integer(id), .timestamp(time)])
    }

    /// Deletes a session.
    ///
    /// - Returns: false where there is none.
    package func delete(idHash: [UInt8]) throws -> Bool {
        try tx.sql.execute("DELETE FROM sessions WHERE id_hash = ?1", [.blob(idHash)]) == 1
    }
}

/// A session of the dashboard as it is stored.
package struct SessionRow: Sendable, Equatable {
    /// Who logged in.
    package enum Owner: Sendable, Equatable {
        /// The id of an API key. When the key is deleted, the session is no longer valid, whatever is stored here.
        case key(Int64)
        /// A hash of the master token as it was at login: with another master token the session is no longer valid.
        case master(fingerprint: [UInt8])
    }

    /// Who logged in.
    package var owner: Owner
    /// When the session began.
    package var createdAt: Timestamp
    /// When it was last used, to about a minute.
    package var usedAt: Timestamp
    /// When it ends, however much it is used.
    package var expiresAt: Timestamp

    /// A session with these values.
    package init(owner: Owner, createdAt: Timestamp, usedAt: Timestamp, expiresAt: Timestamp) {
        self.owner = owner
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.expiresAt = expiresAt
    }

    fileprivate init(_ row: any DatabaseRow) {
        self.init(
            owner: row.optionalInteger(0).map(Owner.key) ?? .master(fingerprint: row.blob(1)), createdAt: row.requiredTimestamp(2),
            usedAt: row.requiredTimestamp(3), expiresAt: row.requiredTimestamp(4))
    }
}
