import Database
package import MailModel

extension ReadableTransaction {
    /// The latest refused sends of all accounts.
    package var refusals: Refusals<Self> { Refusals(tx: self) }
}

/// The latest refused sends of each account (specification 5.13).
///
/// They are evidence for people and not part of any count: a node writes them in bulk, some seconds later.
package struct Refusals<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Refusals {
    /// The refusals that a search for a recipient looks at.
    private static var mostSeen: Int { 10_000 }

    /// Returns refusals of emails to a recipient, newest first, among the latest ones.
    ///
    /// - Parameters:
    ///   - accountID: only those of this account; `nil` for all, the operator's too.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(to recipient: String, of accountID: Int64?, after: RefusalID?, limit: Int) throws -> [RefusedSend] {
        let owner = accountID == nil ? "" : "account_id = ?5 AND "
        return try tx.sql.query(
            """
            SELECT id, account_id, key_name, recipient, sender, http_status, code, explanation FROM (
                SELECT id, account_id, key_name, recipient, sender, http_status, code, explanation FROM refusals
                WHERE \(owner)id < ?1 ORDER BY id DESC LIMIT ?3
            ) w WHERE LOWER(w.recipient) = ?4 ORDER BY w.id DESC LIMIT ?2
            """,
            [after.map { .id($0) } ?? .aboveAllIDs, .integer(limit), .integer(Self.mostSeen), .text(recipient.lowercased())]
                + (accountID.map { [.integer($0)] } ?? []), RefusalRow.decode)
    }

    /// Returns refusals, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only those of this account; `nil` for all, the operator's too.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(of accountID: Int64?, after: RefusalID?, limit: Int) throws -> [RefusedSend] {
        let owner = accountID == nil ? "" : "account_id = ?3 AND "
        return try tx.sql.query(
            """
            SELECT id, account_id, key_name, recipient, sender, http_status, code, explanation FROM refusals
            WHERE \(owner)id < ?1 ORDER BY id DESC LIMIT ?2
            """,
            [after.map { .id($0) } ?? .aboveAllIDs, .integer(limit)] + (accountID.map { [.integer($0)] } ?? []), RefusalRow.decode)
    }
}

extension Refusals where Tx == Transaction {
    /// Inserts refusals.
    func insert(_ refusals: [RefusedSend]) throws {
        for refusal in refusals { try tx.sql.add(RefusalRow.values(refusal), by: RefusalRow.insertion) }
    }

    /// Deletes all refusals of an account but the latest ones.
    ///
    /// - Parameter count: how many are kept, at least 1.
    func trim(accountID: Int64, to count: Int) throws {
        try tx.sql.execute(
            """
            DELETE FROM refusals WHERE account_id = ?1 AND id < (
                SELECT id FROM refusals WHERE account_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2
            )
            """, [.integer(accountID), .integer(count - 1)])
    }

    /// Deletes up to `limit` refusals of before a time, the oldest first.
    ///
    /// - Returns: how many were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        try tx.sql.execute(
            "DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE id < ?1 ORDER BY id LIMIT ?2)",
            [.id(RefusalID.lowest(at: time)), .integer(limit)])
    }
}

extension Store {
    /// How many refusals of an account are kept.
    package static let keptRefusals = 1000

    /// Inserts refusals in a step of housekeeping, and deletes older ones of the same accounts beyond ``keptRefusals``.
    ///
    /// - Parameter refusals: at most 500.
    package func insert(_ refusals: [RefusedSend]) async throws {
        try await step { tx in
            try tx.refusals.insert(refusals)
            for account in Set(refusals.map { RefusalRow.accountID($0.accountID) }) {
                try tx.refusals.trim(accountID: account, to: Self.keptRefusals)
            }
        }
    }
}

/// The row of a refusal.
private enum RefusalRow {
    static let insertion = Insertion(
        into: "refusals", ["id", "account_id", "key_name", "recipient", "sender", "http_status", "code", "explanation"])

    /// The operator's have 0, which is no account's id.
    static func accountID(_ accountID: Int64?) -> Int64 { accountID ?? 0 }

    static func values(_ refusal: RefusedSend) -> [DatabaseValue] {
        [
            .id(refusal.id), .integer(accountID(refusal.accountID)), .text(refusal.keyName), .text(refusal.recipient),
            .text(refusal.sender),
            .integer(refusal.httpStatus), .text(refusal.code), .text(refusal.explanation),
        ]
    }

    static func decode(_ row: any DatabaseRow) throws -> RefusedSend {
        let accountID = row.integer(1)
        return RefusedSend(
            id: try row.id(0), accountID: accountID == 0 ? nil : accountID, keyName: row.text(2), recipient: row.optionalText(3),
            sender: row.optionalText(4), httpStatus: Int(row.integer(5)), code: row.text(6), explanation: row.text(7))
    }
}
