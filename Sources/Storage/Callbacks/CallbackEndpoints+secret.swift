import Database
package import MailModel

extension CallbackEndpoints where Tx == Transaction {
    /// Returns the secret that the account's callbacks are signed with, which is made when it is first needed.
    package func secret(of accountID: Int64) throws -> CallbackSecret {
        if let secret = try findSecret(of: accountID) { return secret }
        let secret = CallbackSecret(value: CallbackSecret.random(), createdAt: tx.now)
        try tx.sql.execute(
            "INSERT INTO callback_secrets (account_id, value, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.integer(accountID), .blob(secret.value), .timestamp(tx.now)])
        // Another node may have been faster.
        return try findSecret(of: accountID) ?? secret
    }

    /// Replaces the account's secret; the present one stays valid beside the new one for `overlap`.
    ///
    /// - Returns: the new secret.
    package func rotateSecret(of accountID: Int64, overlap: Duration) throws -> CallbackSecret {
        // Made first where there is none, and then locked: of two concurrent rotations the second replaces the first one's secret.
        var present = try secret(of: accountID)
        present = try findSecret(of: accountID, lock: tx.sql.dialect.forUpdate) ?? present
        let secret = CallbackSecret(
            value: CallbackSecret.random(), createdAt: tx.now, previous: present.value, previousExpiresAt: tx.now + overlap)
        try tx.sql.execute(
            "UPDATE callback_secrets SET value = ?2, created_at = ?3, previous = ?4, previous_expires_at = ?5 WHERE account_id = ?1",
            [.integer(accountID), .blob(secret.value), .timestamp(tx.now), .blob(present.value), .timestamp(secret.previousExpiresAt)])
        return secret
    }

    private func findSecret(of accountID: Int64, lock: String = "") throws -> CallbackSecret? {
        try tx.sql.first(
            "SELECT value, created_at, previous, previous_expires_at FROM callback_secrets WHERE account_id = ?1\(lock)",
            [.integer(accountID)]
        ) { row in
            CallbackSecret(
                value: row.blob(0), createdAt: row.requiredTimestamp(1), previous: row.isNull(2) ? nil : row.blob(2),
                previousExpiresAt: row.timestamp(3))
        }
    }
}
