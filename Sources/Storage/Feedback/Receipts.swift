import Database
import MailModel

extension ReadableTransaction {
    /// The SNS messages and SES events that were taken in before.
    package var receipts: Receipts<Self> { Receipts(tx: self) }
}

/// The names of SNS messages (their `MessageId`) and of SES events that were taken in, by which a repetition is known (specification 4.3).
///
/// A batch reads the receipts of its events once, before its first command: see ``FeedbackCache``.
package struct Receipts<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Receipts {
    /// Returns whether a receipt is recorded.
    package func contains(_ name: String) throws -> Bool {
        if let isNew = tx.writing?.feedbackCache.receipts[name] { return !isNew }
        return try tx.sql.first("SELECT 1 FROM sns_receipts WHERE message_id = ?1", [.text(name)]) { _ in true } ?? false
    }

    /// Whether a receipt may have a recipient's address in it.
    private static func mayName(_ name: String) -> Bool { name.contains("@") }

    /// Returns whether a receipt is recorded, as it is or, where its recipient is erased, as a keyed hash.
    package func contains(_ name: String, ofErased isErased: Bool) throws -> Bool {
        if try contains(name) { return true }
        guard isErased, Self.mayName(name), let secret = try tx.suppressions.erasureSecret() else { return false }
        return try contains(StoredAddress.hash(name, by: secret))
    }
}

extension Receipts where Tx == Transaction {
    /// Records a receipt.
    ///
    /// - Returns: false when it was recorded before: what it stands for must change nothing then.
    package func insert(_ name: String) throws -> Bool {
        if let isNew = tx.feedbackCache.receipts[name] {
            tx.feedbackCache.receipts[name] = false
            // Should another node record it at the same moment, the primary key refuses one of them, whose command runs again.
            if isNew { try tx.sql.add([.text(name), .timestamp(tx.now)], by: ReceiptRow.insertion) }
            return isNew
        }
        return try tx.sql.execute(
            "INSERT INTO sns_receipts (message_id, received_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            [.text(name), .timestamp(tx.now)]) == 1
    }

    /// Records a receipt; that of an erased recipient as a keyed hash, so that the address does not come back.
    ///
    /// - Returns: false when it was recorded before: what it stands for must change nothing then.
    package func insert(_ name: String, ofErased isErased: Bool) throws -> Bool {
        guard isErased, Self.mayName(name) else { return try insert(name) }
        guard try !contains(name) else { return false }
        return try insert(StoredAddress.hash(name, by: try tx.suppressions.insertErasureSecret()))
    }

    /// Reads which of a batch's receipts are recorded.
    func prefetch(_ names: Set<String>) throws {
        guard !names.isEmpty else { return }
        let found = try tx.sql.query(
            over: names.map { .text($0) }, { "SELECT message_id FROM sns_receipts WHERE message_id IN (\($0))" }
        ) {
            $0.text(0)
        }
        let known = Set(found)
        for name in names { tx.feedbackCache.receipts[name] = !known.contains(name) }
    }

    /// Deletes receipts that were recorded before a time, the oldest first.
    ///
    /// - Parameter limit: the largest number of rows deleted.
    /// - Returns: the number of rows deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            """
            DELETE FROM sns_receipts WHERE received_at < ?1 AND message_id IN (
                SELECT message_id FROM sns_receipts WHERE received_at < ?1 ORDER BY received_at LIMIT ?2)
            """, [.timestamp(time), .integer(limit)])
    }
}

/// The row of a receipt.
private enum ReceiptRow {
    static let insertion = Insertion(into: "sns_receipts", ["message_id", "received_at"])
}
