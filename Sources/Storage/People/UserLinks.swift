import Database
package import MailModel

extension ReadableTransaction {
    /// The links that were mailed to people.
    package var userLinks: UserLinks<Self> { UserLinks(tx: self) }
    /// The sign-ins of programs.
    package var deviceSignIns: DeviceSignIns<Self> { DeviceSignIns(tx: self) }
}

/// The links of invitations and resets, each known by the hash of its token alone (specification 2.12).
package struct UserLinks<Tx: ReadableTransaction> {
    let tx: Tx
}

extension UserLinks {
    /// Returns a link that can be used now; `nil` when there is none.
    package func find(tokenHash: [UInt8]) throws -> UserLink? {
        try tx.sql.first(
            "SELECT user_id, kind, created_at, expires_at FROM user_links WHERE token_hash = ?1 AND expires_at > ?2",
            [.blob(tokenHash), .timestamp(tx.now)]
        ) { row in
            UserLink(
                userID: row.integer(0), kind: try row.choice(1), createdAt: row.requiredTimestamp(2), expiresAt: row.requiredTimestamp(3))
        }
    }

    /// When the newest link of a person was made; `nil` when there is none.
    package func newest(of userID: Int64) throws -> Timestamp? {
        try tx.sql.first("SELECT created_at FROM user_links WHERE user_id = ?1 ORDER BY created_at DESC LIMIT 1", [.integer(userID)]) {
            $0.requiredTimestamp(0)
        }
    }
}

extension UserLinks where Tx == Transaction {
    /// Inserts a link that lasts for ``UserLink/lifetime``, in place of all earlier ones of the person.
    package func insert(_ kind: UserLink.Kind, of userID: Int64, tokenHash: [UInt8]) throws -> UserLink {
        let link = UserLink(userID: userID, kind: kind, createdAt: tx.now, expiresAt: tx.now + UserLink.lifetime)
        try deleteAll(of: userID)
        try tx.sql.execute(
            "INSERT INTO user_links (token_hash, user_id, kind, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            [.blob(tokenHash), .integer(userID), .text(kind.rawValue), .timestamp(link.createdAt), .timestamp(link.expiresAt)])
        return link
    }

    /// Uses a link up.
    ///
    /// - Returns: the link; `nil` where it was used before, on whatever node, or has expired.
    package func take(tokenHash: [UInt8]) throws -> UserLink? {
        guard let link = try find(tokenHash: tokenHash) else { return nil }
        return try tx.sql.execute("DELETE FROM user_links WHERE token_hash = ?1", [.blob(tokenHash)]) == 1 ? link : nil
    }

    /// Deletes all links of a person.
    package func deleteAll(of userID: Int64) throws {
        try tx.sql.execute("DELETE FROM user_links WHERE user_id = ?1", [.integer(userID)])
    }

    /// Deletes up to `limit` links that expired before a time.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM user_links WHERE expires_at < ?1 AND token_hash IN (
                SELECT token_hash FROM user_links WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}

/// The sign-ins of programs, which a person confirms in a browser by a short code (specification 2.12, after RFC 8628).
package struct DeviceSignIns<Tx: ReadableTransaction> {
    let tx: Tx
}

extension DeviceSignIns {
    /// Returns the sign-in of a short code that waits for its confirmation; `nil` when there is none.
    package func find(userCode: String) throws -> DeviceSignIn? {
        try select("user_code = ?1", .text(userCode))
    }

    /// Returns the sign-in of a program; `nil` when there is none, or it has expired.
    package func find(secretHash: [UInt8]) throws -> DeviceSignIn? {
        try select("secret_hash = ?1", .blob(secretHash))
    }

    /// Whether this many sign-ins or more wait.
    package func hasAtLeast(_ count: Int) throws -> Bool {
        try tx.sql.first(
            "SELECT 1 FROM device_sign_ins WHERE expires_at > ?1 ORDER BY expires_at LIMIT 1 OFFSET ?2",
            [.timestamp(tx.now), .integer(count - 1)]
        ) { _ in true } ?? false
    }

    private func select(_ condition: String, _ value: DatabaseValue) throws -> DeviceSignIn? {
        try tx.sql.first(
            "SELECT user_code, name, address, user_id, created_at FROM device_sign_ins WHERE \(condition) AND expires_at > ?2",
            [value, .timestamp(tx.now)]
        ) { row in
            DeviceSignIn(
                userCode: row.text(0), name: row.text(1), address: row.text(2), userID: row.optionalInteger(3),
                createdAt: row.requiredTimestamp(4))
        }
    }
}

extension DeviceSignIns where Tx == Transaction {
    /// Inserts a sign-in that begins now.
    ///
    /// - Returns: false where the short code is taken.
    package func insert(_ signIn: DeviceSignIn, secretHash: [UInt8]) throws -> Bool {
        try tx.sql.execute(
            """
            INSERT INTO device_sign_ins (secret_hash, user_code, name, address, created_at, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING
            """,
            [
                .blob(secretHash), .text(signIn.userCode), .text(signIn.name), .text(signIn.address), .timestamp(signIn.createdAt),
                .timestamp(signIn.createdAt + DeviceSignIn.lifetime),
            ]) == 1
    }

    /// Confirms a sign-in for a person.
    ///
    /// - Returns: false where there is none, or somebody has confirmed it.
    package func confirm(userCode: String, by userID: Int64) throws -> Bool {
        try tx.sql.execute(
            "UPDATE device_sign_ins SET user_id = ?2 WHERE user_code = ?1 AND user_id IS NULL AND expires_at > ?3",
            [.text(userCode), .integer(userID), .timestamp(tx.now)]) == 1
    }

    /// Deletes a sign-in: it was completed or refused.
    ///
    /// - Returns: false where there is none.
    package func delete(userCode: String) throws -> Bool {
        try tx.sql.execute("DELETE FROM device_sign_ins WHERE user_code = ?1", [.text(userCode)]) == 1
    }

    /// Deletes up to `limit` sign-ins that expired before a time.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM device_sign_ins WHERE expires_at < ?1 AND secret_hash IN (
                SELECT secret_hash FROM device_sign_ins WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}
