import Database
package import MailModel

extension ReadableTransaction {
    /// The idempotency keys of all accounts.
    package var idempotencyKeys: IdempotencyKeys<Self> { IdempotencyKeys(tx: self) }
}

/// The idempotency keys: the values of `Idempotency-Key` that an account has sent with its requests, each with the answer of the first one.
package struct IdempotencyKeys<Tx: ReadableTransaction> {
    let tx: Tx
}

/// The request that an idempotency key was used for.
package struct IdempotencyKeyUse: Sendable, Equatable {
    /// Of the request: the same key for another request is a conflict.
    package var fingerprint: [UInt8]
    /// The email that was accepted.
    package var emailID: EmailID
    /// What the request was answered; `nil` where an earlier version, which did not store it, used the key.
    package var answer: FirstAnswer?
}

extension IdempotencyKeys {
    /// Returns what an idempotency key was used for; `nil` when it is free.
    ///
    /// - Parameter age: how long a key is in use.
    package func find(_ key: String, accountID: Int64, within age: Duration) throws -> IdempotencyKeyUse? {
        try tx.sql.first(
            "SELECT fingerprint, email_id, answer FROM idempotency_keys WHERE account_id = ?1 AND key = ?2 AND created_at > ?3",
            [.integer(accountID), .text(key), .timestamp(tx.now - age)]
        ) { row in
            let email = try row.emailID(1)
            let answer = try row.optionalText(2).map(FirstAnswer.init(stored:))
            // A node of the version before changes the email of a row and leaves the answer of an earlier use in it.
            return IdempotencyKeyUse(fingerprint: row.blob(0), emailID: email, answer: answer?.emailID == email ? answer : nil)
        }
    }
}

extension IdempotencyKeys where Tx == Transaction {
    /// Stores that an email was accepted under an idempotency key.
    ///
    /// - Parameters:
    ///   - fingerprint: of the request: the same key for another request is a conflict.
    ///   - answer: the answer to the request, and to every other one with the same key and fingerprint.
    ///   - age: how long a key is in use.
    /// - Returns: false when the key is in use: another node may have accepted an email under it at the same time.
    package func insert(
        _ key: String, accountID: Int64, fingerprint: [UInt8], answer: FirstAnswer, within age: Duration
    ) throws -> Bool {
        try tx.sql.execute(
            """
            INSERT INTO idempotency_keys (account_id, key, fingerprint, email_id, created_at, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?7)
            ON CONFLICT (account_id, key) DO UPDATE SET fingerprint = ?3, email_id = ?4, created_at = ?5, answer = ?7
            WHERE idempotency_keys.created_at <= ?6
            """,
            [
                .integer(accountID), .text(key), .blob(fingerprint), .id(answer.emailID), .timestamp(tx.now), .timestamp(tx.now - age),
                .text(answer.stored),
            ]) == 1
    }

    /// How long after an email's acceptance its key may be stored: the time that a command may wait.
    private static var longestCommit: Duration { .seconds(20) }

    /// Deletes the first answers of requests that an email was accepted by.
    ///
    /// The keys stay, so that a repeated request sends nothing: it is answered with the email as it is now. They are found by the time, as they are
    /// stored with the email.
    ///
    /// - Returns: how many there were.
    func eraseAnswers(of email: Email) throws -> Int64 {
        let accepted = email.id.time
        return Int64(
            try tx.sql.execute(
                """
                UPDATE idempotency_keys SET answer = NULL
                WHERE created_at >= ?1 AND created_at <= ?2 AND email_id = ?3 AND answer IS NOT NULL
                """,
                [.timestamp(accepted - .seconds(1)), .timestamp(accepted + Self.longestCommit), .id(email.contentID)]))
    }

    /// Deletes some of the keys that were used before a time, oldest first.
    ///
    /// Where a primary key has several columns, SQLite looks up rows in an `IN` by the first alone, and reads all that have it. So the rows are
    /// found by their age, up to that of the last one of the step; `+ 0` keeps the engines from using the primary key.
    ///
    /// - Parameter limit: the most rows.
    /// - Returns: how many rows were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        let last = try tx.sql.first(
            """
            SELECT MAX(w.created_at) FROM (
                SELECT created_at FROM idempotency_keys WHERE created_at < ?1 ORDER BY created_at LIMIT ?2) AS w
            """, [.timestamp(time), .integer(limit)]
        ) { $0.timestamp(0) }
        guard let last = last ?? nil else { return 0 }
        return try tx.sql.execute(
            """
            DELETE FROM idempotency_keys WHERE created_at <= ?1 AND (account_id + 0, key) IN (
                SELECT account_id, key FROM idempotency_keys WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)
            """, [.timestamp(last), .integer(limit)])
    }
}
