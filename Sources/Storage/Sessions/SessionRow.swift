import Database
package import MailModel

/// A session of the dashboard as it is stored: its id only as a hash.
package struct SessionRow: Sendable, Equatable {
    package enum Owner: Sendable, Equatable {
        /// The key's id. A key that is gone has no sessions, whatever stands here.
        case key(Int64)
        /// What the master token was when the session began, as a hash: with another token there is no such session.
        case master(fingerprint: [UInt8])
    }

    package var owner: Owner
    package var createdAt: Timestamp
    /// About when it was last used: written down once a minute at the most.
    package var usedAt: Timestamp
    package var expiresAt: Timestamp

    package init(owner: Owner, createdAt: Timestamp, usedAt: Timestamp, expiresAt: Timestamp) {
        self.owner = owner
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.expiresAt = expiresAt
    }

    init(_ row: any DatabaseRow) {
        self.init(
            owner: row.optionalInteger(0).map(Owner.key) ?? .master(fingerprint: row.blob(1)), createdAt: row.requiredTimestamp(2),
            usedAt: row.requiredTimestamp(3), expiresAt: row.requiredTimestamp(4))
    }
}

extension ReadContext {
    package func session(idHash: [UInt8]) throws -> SessionRow? {
        try transaction.first(
            "SELECT key_id, master, created_at, used_at, expires_at FROM sessions WHERE id_hash = ?1", [.blob(idHash)], SessionRow.init)
    }
}

extension WriteContext {
    /// Keeps a new session, and forgets those that are over.
    package func createSession(_ session: SessionRow, idHash: [UInt8]) throws {
        // Those that another node is deleting are passed over.
        try transaction.execute(
            """
            DELETE FROM sessions WHERE expires_at <= ?1 AND id_hash IN (
                SELECT id_hash FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 100\(transaction.dialect.forUpdateSkipLocked))
            """, [.timestamp(now)])
        let (key, master): (DatabaseValue, DatabaseValue) =
            switch session.owner {
            case .key(let id): (.integer(id), .null)
            case .master(let fingerprint): (.null, .blob(fingerprint))
            }
        try transaction.execute(
            "INSERT INTO sessions (id_hash, key_id, master, created_at, used_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            [
                .blob(idHash), key, master, .timestamp(session.createdAt), .timestamp(session.usedAt), .timestamp(session.expiresAt),
            ])
    }

    package func recordUseOfSession(idHash: [UInt8]) throws {
        try transaction.execute("UPDATE sessions SET used_at = ?2 WHERE id_hash = ?1 AND used_at < ?2", [.blob(idHash), .timestamp(now)])
    }

    package func deleteSession(idHash: [UInt8]) throws {
        try transaction.execute("DELETE FROM sessions WHERE id_hash = ?1", [.blob(idHash)])
    }
}
