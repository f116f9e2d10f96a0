import Database
package import MailModel

extension ReadableTransaction {
    /// By what repeated messages are known.
    package var messageRepetitions: MessageRepetitions<Self> { MessageRepetitions(tx: self) }
}

/// By what a message is known that is submitted a second time: a client that lost the answer cannot know that it was accepted (specification 5.14).
///
/// A key stands for the caller's API key, the message's `Message-ID` and one recipient, as a hash.
package struct MessageRepetitions<Tx: ReadableTransaction> {
    let tx: Tx
}

extension MessageRepetitions {
    /// Returns the emails that were accepted under keys, as far as these are in use.
    ///
    /// - Parameter age: how long a key is in use.
    package func find(_ keys: [[UInt8]], within age: Duration) throws -> [[UInt8]: EmailID] {
        let oldest = tx.now - age
        let found = try tx.sql.query(
            over: keys.map { .blob($0) }, { "SELECT id, email_id, created_at FROM message_repetitions WHERE id IN (\($0))" }
        ) { (key: $0.blob(0), email: try $0.emailID(1), at: $0.requiredTimestamp(2)) }
        return Dictionary(found.filter { $0.at > oldest }.map { ($0.key, $0.email) }) { first, _ in first }
    }
}

extension MessageRepetitions where Tx == Transaction {
    /// Stores that an email was accepted under a key.
    ///
    /// - Parameter age: how long a key is in use.
    /// - Returns: false when the key is in use: another node may have accepted an email under it at the same time.
    package func insert(_ key: [UInt8], of email: EmailID, within age: Duration) throws -> Bool {
        try tx.sql.execute(
            """
            INSERT INTO message_repetitions (id, email_id, created_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET email_id = ?2, created_at = ?3 WHERE message_repetitions.created_at <= ?4
            """, [.blob(key), .id(email), .timestamp(tx.now), .timestamp(tx.now - age)]) == 1
    }

    /// Deletes some of the keys that were stored before a time.
    ///
    /// - Parameter limit: the most rows.
    /// - Returns: how many rows were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM message_repetitions WHERE created_at < ?1 AND id IN (
                SELECT id FROM message_repetitions WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}
