import Database
import MailModel

/// How an entry of a suppression list lies in its row. An address is kept in lower case; a sender of `''` is all of the account.
enum SuppressionRow {
    static let select = """
        SELECT s.id, a.reference, s.address, s.sender, s.reason, s.note, s.source, s.created_at
        FROM suppressions s JOIN accounts a ON a.id = s.account_id
        """

    static func decode(_ row: any DatabaseRow) throws -> Suppression {
        let sender = row.text(3)
        return Suppression(
            id: row.integer(0), userName: row.text(1),
            entry: SuppressionEntry(
                address: EmailAddress(validated: row.text(2)), sender: sender.isEmpty ? nil : EmailAddress(validated: sender),
                reason: try row.choice(4), note: row.optionalText(5)),
            source: try row.choice(6), createdAt: row.requiredTimestamp(7))
    }
}

/// A part of an account's list that lies together in an index, in the order of its ids.
///
/// Every filter but the one by address is a few of these parts. So no filter reads past entries that it leaves out, however long the list is.
struct SuppressionPartition {
    var condition: String
    var arguments: [DatabaseValue]

    /// The parts that make up what a filter leaves. The filter by address is not looked at.
    static func all(of filter: SuppressionFilter) -> [SuppressionPartition] {
        filter.parts.compactMap { part in
            guard let scope = part.scope, let reason = part.reason else { return nil }
            if let sender = part.sender {
                return SuppressionPartition(
                    condition: "s.scope = 'sender' AND s.sender = ?2 AND s.reason = ?3",
                    arguments: [.text(sender.suppressionKey), .text(reason.rawValue)])
            }
            return SuppressionPartition(
                condition: "s.scope = ?2 AND s.reason = ?3", arguments: [.text(scope.rawValue), .text(reason.rawValue)])
        }
    }
}
