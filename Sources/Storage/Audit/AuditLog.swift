import Crypto
import Database
import Encoding
package import MailModel

extension ReadableTransaction {
    /// The log of who changed what.
    package var audit: AuditLog<Self> { AuditLog(tx: self) }
}

/// The audit log (specification 2.7): a row for each change, inserted in the transaction that makes it.
///
/// It is append-only: a row is never updated, and deleted by ``delete(before:limit:)`` alone. So the addresses of recipients are in it masked and as a
/// keyed hash: a recipient's data can be erased, and who asks about an address still finds its rows.
package struct AuditLog<Tx: ReadableTransaction> {
    let tx: Tx

    /// The name of the secret with which addresses are hashed.
    static var keyName: String { "audit" }
}

/// What a transaction has read for the log.
struct AuditCache {
    /// The key of the hashes; `nil` where it was not read.
    var key: [UInt8]?
}

extension AuditLog {
    /// Returns rows, newest first.
    ///
    /// - Parameters:
    ///   - accountID: only those of this account; `nil` for all.
    ///   - after: the last row of the page before; `nil` for the first page.
    package func list(matching filter: AuditFilter, of accountID: Int64?, after: AuditID?, limit: Int) throws -> [AuditEntry] {
        guard let search = try AuditSearch(filter, of: accountID, after: after, limit: limit, target: storedTarget(of: filter)) else {
            return []
        }
        let (sql, arguments) = search.statement
        return try tx.sql.query(sql, arguments, AuditRow.decode)
    }

    /// Returns the text of a filter's target; `nil` where there is no filter by target, and `.some(nil)` where no row can have it.
    private func storedTarget(of filter: AuditFilter) throws -> String?? {
        switch filter.target {
        case nil: nil
        case .named(let kind, let name)?: "\(kind.rawValue):\(name)"
        case .recipient(let address)?:
            .some(try tx.secrets.find(named: Self.keyName).map { "recipient:\(Self.hash(address, key: $0))" })
        }
    }

    /// Returns the first half of the HMAC-SHA256 of an address in lower case, as 32 hexadecimal digits.
    static func hash(_ address: EmailAddress, key: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(address.suppressionKey.utf8), using: SymmetricKey(data: key))
        return Hexadecimal.encode(code.prefix(16))
    }
}

extension AuditLog where Tx == Transaction {
    /// Appends a row about a change that this transaction makes.
    ///
    /// What is the same before and after is left out; where all is, there is no row.
    package func insert(_ change: AuditChange, by actor: AuditActor) throws {
        guard change.isChange else { return }
        let change = change.reduced
        // Rows of one time are in the order in which this process has written them.
        let id = AuditID(at: tx.now, sequence: tx.newID())
        let (target, before, after) = try (stored(change.target), stored(change.before), stored(change.after))
        try tx.sql.add(
            [
                .id(id), .integer(change.accountID), .text(actor.kind.rawValue), .integer(actor.id), .text(actor.name),
                .text(actor.address),
                .text(change.action.rawValue), .text(target), .text(before), .text(after),
                .text(actor.factor), .integer(actor.sessionID),
            ], by: AuditRow.insertion)
    }

    /// Deletes up to `limit` rows of before a time, the oldest first.
    ///
    /// Where the table is partitioned, only those of the default partition: the others are dropped by the month.
    ///
    /// - Returns: how many were deleted.
    func delete(before time: Timestamp, limit: Int) throws -> Int {
        let table = tx.sql.dialect.rest(of: "audit_log")
        return try tx.sql.execute(
            "DELETE FROM \(table) WHERE id IN (SELECT id FROM \(table) WHERE id < ?1 ORDER BY id LIMIT ?2)",
            [.id(AuditID.lowest(at: time)), .integer(limit)])
    }

    private func stored(_ target: AuditTarget) throws -> String {
        switch target {
        case .named(let kind, let name): "\(kind.rawValue):\(name)"
        case .recipient(let address): "recipient:\(Self.hash(address, key: try key()))"
        }
    }

    private func stored(_ values: [String: AuditValue]) throws -> String? {
        try values.isEmpty ? nil : AuditRow.text(of: values.mapValues(masked))
    }

    private func masked(_ value: AuditValue) throws -> AuditValue {
        switch value {
        case .recipient(let address): .hashed(masked: address.masked, hash: Self.hash(address, key: try key()))
        case .list(let values): .list(try values.map(masked))
        case .url(let text): .string(CallbackURL.masked(text))
        case .string, .integer, .number, .boolean, .null, .hashed: value
        }
    }

    /// The key of the hashes, which the first node that writes an address determines.
    private func key() throws -> [UInt8] {
        if let key = tx.auditCache.key { return key }
        if let key = try tx.secrets.find(named: Self.keyName) {
            tx.auditCache.key = key
            return key
        }
        // Not kept: the command that inserts it may be rolled back.
        let candidate = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        return try tx.secrets.findOrInsert(named: Self.keyName, candidate: candidate)
    }
}
