import Database
package import MailModel

extension WriteContext {
    /// Suppresses an address. One that is suppressed already keeps its first reason, unless that was soft bounces, which give way to any other,
    /// or an unsubscription, which gives way to what stops transactional emails too.
    ///
    /// It is written with others when the transaction ends, or somebody asks for the address.
    package func suppress(_ address: EmailAddress, accountID: Int64, reason: SuppressionReason, note: String?) throws {
        let entry = SuppressionEntry(address: address, sender: nil, reason: reason, note: note)
        if newSuppressions.contains(address.suppressionKey, accountID: accountID) { try flushSuppressions() }
        newSuppressions.add(entry, accountID: accountID)
    }

    /// Writes the entries of ``suppress(_:accountID:reason:note:)``.
    func flushSuppressions() throws {
        let entries = newSuppressions.take()
        guard !entries.isEmpty else { return }
        suppressed.removeAll()
        for part in stride(from: 0, to: entries.count, by: Self.largestStatement).map({ entries[$0...].prefix(Self.largestStatement) }) {
            try transaction.execute(
                Self.statement(rows: part.count), part.flatMap { values($0.entry, accountID: $0.accountID, source: .feedback) })
        }
    }

    /// Writes what waits for this address, before it is asked for.
    func flushSuppression(of address: EmailAddress, accountID: Int64) throws {
        if newSuppressions.contains(address.suppressionKey, accountID: accountID) { try flushSuppressions() }
    }

    /// - Returns: false when there was an entry for the address and the same sender, or the same address and all senders; it stays as it is.
    @discardableResult
    package func suppress(_ entry: SuppressionEntry, accountID: Int64, source: Suppression.Source) throws -> Bool {
        try flushSuppressions()
        suppressed.removeAll()
        return try transaction.execute(Self.statement(rows: 1), values(entry, accountID: accountID, source: source)) == 1
    }

    private func values(_ entry: SuppressionEntry, accountID: Int64, source: Suppression.Source) -> [DatabaseValue] {
        [
            .integer(accountID), .text(entry.address.suppressionKey), .text(entry.scope.rawValue),
            .text(entry.sender?.suppressionKey ?? ""), .text(entry.reason.rawValue), .text(entry.note), .text(source.rawValue),
            .timestamp(now),
        ]
    }

    private static let largestStatement = 64

    private static func statement(rows: Int) -> String {
        let columns = ["account_id", "address", "scope", "sender", "reason", "note", "source", "created_at"]
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

    /// Takes an entry off the list.
    ///
    /// - Parameters:
    ///   - accountID: only when it is this account's; `nil` for any.
    ///   - reason: only when it is there for this reason, which may have changed since it was read; `nil` for any.
    /// - Returns: what it was; `nil` when there is no such entry.
    package func removeSuppression(_ id: Int64, of accountID: Int64?, reason: SuppressionReason? = nil) throws -> Suppression? {
        try flushSuppressions()
        suppressed.removeAll()
        return try transaction.first(
            """
            DELETE FROM suppressions
            WHERE id = ?1 AND account_id = COALESCE(?2, account_id) AND reason = COALESCE(?3, reason)
            RETURNING id, (SELECT a.reference FROM accounts a WHERE a.id = suppressions.account_id), address, sender, reason, note, source,
                created_at
            """,
            [.integer(id), .integer(accountID), .text(reason?.rawValue)], SuppressionRow.decode)
    }
}

/// Entries that events have led to and that are not written yet, each address of an account once.
struct PendingSuppressions {
    private var entries: [SuppressionPair: SuppressionEntry] = [:]

    func contains(_ address: String, accountID: Int64) -> Bool {
        !entries.isEmpty && entries[SuppressionPair(accountID: accountID, address: address)] != nil
    }

    mutating func add(_ entry: SuppressionEntry, accountID: Int64) {
        entries[SuppressionPair(accountID: accountID, address: entry.address.suppressionKey)] = entry
    }

    /// The entries, which from then on count as written. In the order of their keys: two nodes then never wait for each other.
    mutating func take() -> [(accountID: Int64, entry: SuppressionEntry)] {
        defer { entries.removeAll(keepingCapacity: true) }
        return entries.sorted { ($0.key.accountID, $0.key.address) < ($1.key.accountID, $1.key.address) }
            .map { ($0.key.accountID, $0.value) }
    }
}
