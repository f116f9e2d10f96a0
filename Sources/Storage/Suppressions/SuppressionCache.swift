import Database
import MailModel

/// The entries of the recipients that a batch is going to write to, read at once before its first command.
struct SuppressionCache {
    private struct Key: Hashable {
        var accountID: Int64
        var address: String
    }

    /// For whom an address is suppressed: its senders, and `""` for all of the account.
    private var senders: [Key: Set<String>] = [:]

    mutating func expect(_ address: String, accountID: Int64) {
        senders[Key(accountID: accountID, address: address)] = []
    }

    mutating func add(_ address: String, accountID: Int64, sender: String) {
        senders[Key(accountID: accountID, address: address)]?.insert(sender)
    }

    /// - Returns: `nil` where nobody has looked.
    func isSuppressed(_ address: String, accountID: Int64, sender: String) -> Bool? {
        senders[Key(accountID: accountID, address: address)].map { $0.contains("") || $0.contains(sender) }
    }

    /// What is asked from now on is asked of the database: an entry came or went.
    mutating func removeAll() {
        senders.removeAll()
    }
}

extension WriteContext {
    /// Looks for the recipients of a batch on the lists of those whose domains write to them.
    func lookUpSuppressions(_ intents: [WriteIntent]) throws {
        let wanted = Set(
            intents.flatMap { intent -> [SuppressionPair] in
                guard let domain = intent.domain.flatMap({ domains.domain(named: $0) }) else { return [] }
                return intent.recipients.map { SuppressionPair(accountID: domain.accountID, address: $0.suppressionKey) }
            })
        guard !wanted.isEmpty else { return }
        let pairs = padded(Array(wanted))
        let rows = (0..<pairs.count).map { "(?\(2 * $0 + 1), ?\(2 * $0 + 2))" }.joined(separator: ", ")
        for pair in wanted { suppressed.expect(pair.address, accountID: pair.accountID) }
        // Several commands may write to one recipient; a pair that is repeated finds the same again.
        let found = try transaction.query(
            """
            WITH wanted (account_id, address) AS (VALUES \(rows))
            SELECT s.account_id, s.address, s.sender FROM wanted w
            JOIN suppressions s ON s.account_id = w.account_id AND s.address = w.address
            """,
            pairs.flatMap { [.integer($0.accountID), .text($0.address)] }
        ) { (accountID: $0.integer(0), address: $0.text(1), sender: $0.text(2)) }
        for row in found { suppressed.add(row.address, accountID: row.accountID, sender: row.sender) }
    }
}

private struct SuppressionPair: Hashable {
    var accountID: Int64
    var address: String
}
