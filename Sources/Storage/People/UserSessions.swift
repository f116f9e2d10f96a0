import Database
package import MailModel

extension ReadableTransaction {
    /// The sessions and personal keys of people.
    package var userSessions: UserSessions<Self> { UserSessions(tx: self) }
}

/// The sessions of people, in browsers and as personal keys, each known by the hash of its secret alone (specification 2.12).
///
/// A session is read together with its person: what the person may do, and whether it may sign in at all, is never older than the request.
package struct UserSessions<Tx: ReadableTransaction> {
    let tx: Tx
}

extension UserSessions {
    /// Returns the person and the session of a secret, whether or not it has ended; `nil` when there is none.
    package func find(secretHash: [UInt8]) throws -> SignedInUser? {
        try tx.sql.first(
            """
            SELECT \(UserRow.names), \(UserSessionRow.names) FROM user_sessions s JOIN users u ON u.id = s.user_id
            LEFT JOIN accounts a ON a.id = u.account_id WHERE s.secret_hash = ?1
            """, [.blob(secretHash)]
        ) { row in
            SignedInUser(user: try UserRow.decode(row), session: try UserSessionRow.decode(row, at: UserRow.columns))
        }
    }

    /// Returns a session by its id; `nil` when there is none.
    package func find(_ id: Int64) throws -> UserSession? {
        try tx.sql.first("SELECT \(UserSessionRow.names) FROM user_sessions s WHERE s.id = ?1", [.integer(id)]) {
            try UserSessionRow.decode($0, at: 0)
        }
    }

    /// Returns the sessions of a person that last beyond a time, the newest first.
    package func list(of userID: Int64, lasting time: Timestamp, limit: Int) throws -> [UserSession] {
        try tx.sql.query(
            """
            SELECT \(UserSessionRow.names) FROM user_sessions s WHERE s.user_id = ?1 AND s.expires_at > ?2
            ORDER BY s.id DESC LIMIT ?3
            """, [.integer(userID), .timestamp(time), .integer(limit)]
        ) { try UserSessionRow.decode($0, at: 0) }
    }
}

extension UserSessions where Tx == Transaction {
    /// The most sessions of a person; the oldest goes for the next one.
    private static var maximum: Int { 100 }

    /// Inserts a new session that begins now.
    ///
    /// - Parameters:
    ///   - lifetime: how long it lasts at most.
    ///   - secretHash: the SHA-256 hash of its secret; the secret itself is never stored.
    package func insert(
        of userID: Int64, kind: UserSession.Kind, name: String, address: String, factor: UserSession.Factor, providerSession: String? = nil,
        lifetime: Duration, secretHash: [UInt8]
    ) throws -> UserSession {
        let session = UserSession(
            id: tx.newID(), userID: userID, kind: kind, name: name, address: address, factor: factor, providerSession: providerSession,
            confirmedAt: tx.now, createdAt: tx.now, usedAt: tx.now, expiresAt: tx.now + lifetime)
        try tx.sql.execute(
            """
            DELETE FROM user_sessions WHERE user_id = ?1 AND id IN (
                SELECT id FROM user_sessions WHERE user_id = ?1 ORDER BY id DESC LIMIT 100 OFFSET ?2)
            """, [.integer(userID), .integer(Self.maximum - 1)])
        try tx.sql.execute(
            """
            INSERT INTO user_sessions (
                id, secret_hash, user_id, kind, name, address, factor, provider_session, confirmed_at, created_at, used_at, expires_at
            ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?10)
            """,
            [
                .integer(session.id), .blob(secretHash), .integer(userID), .text(kind.rawValue), .text(name), .text(address),
                .text(factor.rawValue), .text(providerSession), .timestamp(tx.now), .timestamp(session.expiresAt),
            ])
        return session
    }

    /// Records that a session is used now.
    package func recordUse(_ id: Int64) throws {
        try tx.sql.execute("UPDATE user_sessions SET used_at = ?2 WHERE id = ?1 AND used_at < ?2", [.integer(id), .timestamp(tx.now)])
    }

    /// Records that the person has proved again who it is.
    package func confirm(_ id: Int64) throws {
        try tx.sql.execute("UPDATE user_sessions SET confirmed_at = ?2 WHERE id = ?1", [.integer(id), .timestamp(tx.now)])
    }

    /// Deletes a session.
    ///
    /// - Returns: false when there is none.
    package func delete(_ id: Int64) throws -> Bool {
        try tx.sql.execute("DELETE FROM user_sessions WHERE id = ?1", [.integer(id)]) == 1
    }

    /// Deletes the sessions of a person.
    ///
    /// - Parameters:
    ///   - id: a session that stays.
    ///   - kind: only those of this kind; `nil` for all.
    /// - Returns: how many were deleted.
    @discardableResult
    package func deleteAll(of userID: Int64, besides id: Int64? = nil, kind: UserSession.Kind? = nil) throws -> Int {
        try tx.sql.execute(
            "DELETE FROM user_sessions WHERE user_id = ?1 AND id <> ?2\(kind == nil ? "" : " AND kind = ?3")",
            [.integer(userID), .integer(id ?? -1)] + (kind.map { [.text($0.rawValue)] } ?? []))
    }

    /// Deletes a person's sessions of one session at the provider.
    ///
    /// - Returns: how many were deleted.
    package func deleteAll(of userID: Int64, providerSession: String) throws -> Int {
        try tx.sql.execute(
            "DELETE FROM user_sessions WHERE user_id = ?1 AND provider_session = ?2", [.integer(userID), .text(providerSession)])
    }

    /// Deletes up to `limit` sessions that ended before a time, the oldest first.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM user_sessions WHERE expires_at < ?1 AND id IN (
                SELECT id FROM user_sessions WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}

/// The row of a session.
private enum UserSessionRow {
    static let names = """
        s.id, s.user_id, s.kind, s.name, s.address, s.factor, s.provider_session, s.confirmed_at, s.created_at, s.used_at, s.expires_at
        """

    static func decode(_ row: any DatabaseRow, at column: Int) throws -> UserSession {
        UserSession(
            id: row.integer(column), userID: row.integer(column + 1), kind: try row.choice(column + 2), name: row.text(column + 3),
            address: row.text(column + 4), factor: try row.choice(column + 5), providerSession: row.optionalText(column + 6),
            confirmedAt: row.requiredTimestamp(column + 7), createdAt: row.requiredTimestamp(column + 8),
            usedAt: row.requiredTimestamp(column + 9), expiresAt: row.requiredTimestamp(column + 10))
    }
}
