import Database
import MailModel

/// The row of an entry.
///
/// Addresses are stored in lower case; the sender `''` represents all senders of the account.
enum SuppressionRow {
    static let select = """
        SELECT s.id, a.reference, s.address, s.sender, s.reason, s.note, s.source, s.created_at
        FROM suppressions s JOIN accounts a ON a.id = s.account_id
        """

    /// What ``decode(_:)`` reads, behind `RETURNING`.
    static let returned = """
        id, (SELECT a.reference FROM accounts a WHERE a.id = suppressions.account_id), address, sender, reason, note, source, created_at
        """

    static func decode(_ row: any DatabaseRow) throws -> Suppression {
        let sender = row.text(3)
        return Suppression(
            id: row.integer(0), userName: row.text(1),
            entry: SuppressionEntry(
                address: StoredAddress.address(row.text(2)), sender: sender.isEmpty ? nil : EmailAddress(validated: sender),
                reason: try row.choice(4), note: row.optionalText(5)),
            source: try row.choice(6), createdAt: row.requiredTimestamp(7))
    }

    private static let columns = ["account_id", "address", "scope", "sender", "reason", "note", "source", "created_at", "id"]

    /// The values of a row, in the order of the columns of ``insertion(rows:)``.
    ///
    /// - Parameter hash: what stands in place of the address of an erased recipient.
    static func values(
        _ entry: SuppressionEntry, hash: String?, accountID: Int64, source: Suppression.Source, createdAt time: Timestamp, id: Int64
    ) -> [DatabaseValue] {
        [
            .integer(accountID), .text(hash ?? entry.address.suppressionKey), .text(entry.scope.rawValue),
            .text(entry.sender?.suppressionKey ?? ""), .text(entry.reason.rawValue), .text(hash == nil ? entry.note : nil),
            .text(source.rawValue),
            .timestamp(time), .integer(id),
        ]
    }

    /// The most rows that one statement inserts.
    static let largestInsertion = 64

    /// The statement that inserts rows.
    ///
    /// An existing row is replaced only where its reason gives way to the new one.
    static func insertion(rows: Int) -> String {
        let tuples = (0..<rows).map { row in
            "(" + columns.indices.map { "?\(row * columns.count + $0 + 1)" }.joined(separator: ", ") + ")"
        }
        return """
            INSERT INTO suppressions (\(columns.joined(separator: ", "))) VALUES \(tuples.joined(separator: ", "))
            ON CONFLICT (account_id, address, sender) DO UPDATE
            SET reason = excluded.reason, note = excluded.note, source = excluded.source, created_at = excluded.created_at
            WHERE (suppressions.reason = 'soft_bounce' AND excluded.reason <> 'soft_bounce')
                OR (suppressions.reason = 'unsubscribe' AND excluded.reason IN ('hard_bounce', 'complaint', 'manual'))
            """
    }
}
