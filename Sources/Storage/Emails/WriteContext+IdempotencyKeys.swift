import Database
package import MailModel

/// What an idempotency key was used for.
package struct IdempotencyKeyUse: Sendable, Equatable {
    /// Of the request: the same key for another request is a conflict.
    package var fingerprint: [UInt8]
    package var emailID: EmailID
    /// `nil` where a version took the key that did not keep it.
    package var answer: FirstAnswer?
}

extension WriteContext {
    /// What an idempotency key was used for lately; `nil` when it is free.
    package func use(ofIdempotencyKey key: String, accountID: Int64, within age: Duration) throws -> IdempotencyKeyUse? {
        try transaction.first(
            "SELECT fingerprint, email_id, answer FROM idempotency_keys WHERE account_id = ?1 AND key = ?2 AND created_at > ?3",
            [.integer(accountID), .text(key), .timestamp(now - age)]
        ) { row in
            let email = try row.emailID(1)
            let answer = try row.optionalText(2).map(FirstAnswer.init(stored:))
            // A node of the version before leaves the answer of the key's last use but one in its place.
            return IdempotencyKeyUse(fingerprint: row.blob(0), emailID: email, answer: answer?.emailID == email ? answer : nil)
        }
    }

    /// Remembers that an email is accepted under an idempotency key.
    ///
    /// - Parameters:
    ///   - fingerprint: of the request: the same key for another request is a conflict.
    ///   - answer: what the request is answered, and every other one with the same key and fingerprint.
    ///   - age: how long a key is in use.
    /// - Returns: false when the key is in use: another node may have accepted an email under it at the same time.
    package func keepIdempotencyKey(
        _ key: String, accountID: Int64, fingerprint: [UInt8], answer: FirstAnswer, within age: Duration
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO idempotency_keys (account_id, key, fingerprint, email_id, created_at, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?7)
            ON CONFLICT (account_id, key) DO UPDATE SET fingerprint = ?3, email_id = ?4, created_at = ?5, answer = ?7
            WHERE idempotency_keys.created_at <= ?6
            """,
            [
                .integer(accountID), .text(key), .blob(fingerprint), .id(answer.emailID), .timestamp(now), .timestamp(now - age),
                .text(answer.stored),
            ]) == 1
    }
}
