import Database
import MailModel

/// The entries of the recipients that a batch is going to write to, read at once before its first command.
struct SuppressionCache {
    private struct Key: Hashable {
        var accountID: Int64
        var address: String
    }

    /// For whom an address is suppressed, and why: its senders, and `""` for all of the account.
    private var senders: [Key: [String: SuppressionReason]] = [:]

    mutating func expect(_ address: String, accountID: Int64) {
        senders[Key(accountID: accountID, address: address)] = [:]
    }

    mutating func add(_ address: String, accountID: Int64, sender: String, reason: SuppressionReason) {
        senders[Key(accountID: accountID, address: address)]?[sender] = reason
    }

    /// - Returns: `nil` where nobody has looked.
    func isSuppressed(_ address: String, accountID: Int64, sender: String, ignoring ignored: SuppressionReason?) -> Bool? {
        senders[Key(accountID: accountID, address: address)].map { reasons in
            ["", sender].contains { reasons[$0].map { $0 != ignored } ?? false }
        }
    }

    /// What is asked from now on is asked of the database: an entry came or went.
    mutating func removeAll() {
        senders.removeAll()
    }
}

extension WriteContext {
    /// Looks for the recipients of a batch on the lists of those whose domains write to them, or whose emails something happened to.
    func lookUpSuppressions(_ intents: [WriteIntent]) throws {
        try lookUp(Set(intents.flatMap(pairs(of:))))
    }

    func lookUp(_ wanted: Set<SuppressionPair>) throws {
        guard !wanted.isEmpty else { return }
        // Before the entries are read: what waits for the same addresses is to be found.
        try flushSuppressions()
        for pair in wanted { suppressed.expect(pair.address, accountID: pair.accountID) }
        // Several commands may write to one recipient; a pair that is repeated finds the same again.
        let found = try transaction.query(
            overRows: wanted.map { [.integer($0.accountID), .text($0.address)] },
            {
                """
                WITH wanted (account_id, address) AS (VALUES \($0))
                SELECT s.account_id, s.address, s.sender, s.reason FROM wanted w
                JOIN suppressions s ON s.account_id = w.account_id AND s.address = w.address
                """
            }
        ) { row -> (accountID: Int64, address: String, sender: String, reason: SuppressionReason) in
            (row.integer(0), row.text(1), row.text(2), try row.choice(3))
        }
        for row in found { suppressed.add(row.address, accountID: row.accountID, sender: row.sender, reason: row.reason) }
    }

    private func pairs(of intent: WriteIntent) -> [SuppressionPair] {
        if let domain = intent.domain.flatMap({ domains.domain(named: $0) }), !intent.recipients.isEmpty {
            return intent.recipients.map { SuppressionPair(accountID: domain.accountID, address: $0.suppressionKey) }
        }
        let id = intent.messageID.flatMap { feedback.emailIDs[$0] } ?? intent.email
        guard intent.event != nil, let email = id.flatMap({ emailStates[$0] }) else { return [] }
        return [SuppressionPair(accountID: email.accountID, address: email.recipient.suppressionKey)]
    }
}

/// An address on an account's lists.
struct SuppressionPair: Hashable {
    var accountID: Int64
    var address: String
}
