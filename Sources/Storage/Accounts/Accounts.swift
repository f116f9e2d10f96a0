import Database
package import MailModel

extension ReadableTransaction {
    /// The accounts.
    package var accounts: Accounts<Self> { Accounts(tx: self) }
}

/// The accounts: customers, each known by its reference (specification 2.4).
///
/// A ``Transaction`` reads an account by its id once, and stores it in its ``AccountCache``.
package struct Accounts<Tx: ReadableTransaction> {
    let tx: Tx
}

extension Accounts {
    /// Returns the account of a reference; `nil` when there is none.
    package func find(reference: String) throws -> Account? {
        try tx.sql.first("SELECT \(AccountRow.columns) FROM accounts WHERE reference = ?1", [.text(reference)], AccountRow.decode)
    }

    /// Returns an account by its id; `nil` when there is none.
    ///
    /// A transaction that writes reads it once, however many emails need it.
    package func find(_ id: Int64) throws -> Account? {
        if let known = try tx.writing?.accounts.findCached(id) { return known }
        return try select(id)
    }

    private func select(_ id: Int64) throws -> Account? {
        try tx.sql.first("SELECT \(AccountRow.columns) FROM accounts WHERE id = ?1", [.integer(id)], AccountRow.decode)
    }

    /// Returns the references of accounts by their ids, without those that do not exist.
    package func references(_ ids: Set<Int64>) throws -> [Int64: String] {
        try ids.reduce(into: [:]) { references, id in references[id] = try find(id)?.reference }
    }
}

extension Accounts where Tx == Transaction {
    fileprivate func findCached(_ id: Int64) throws -> Account? {
        if let known = tx.accountCache.accounts[id] { return known }
        let found = try tx.sql.first(
            "SELECT \(AccountRow.withQuota) FROM accounts WHERE id = ?1", [.integer(id)], AccountRow.decodeWithQuota)
        if let found { tx.accountCache.store(found) }
        return found?.account
    }

    /// Returns the account of a reference, which is inserted on first use (specification 2.4).
    package func findOrInsert(reference: String) throws -> Account {
        if let account = try find(reference: reference) { return account }
        // Another node may be inserting it at this moment; then this waits, and finds it.
        try tx.sql.execute(
            "INSERT INTO accounts (reference, status, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            [.text(reference), .text(Account.Status.ok.rawValue), .timestamp(tx.now)])
        guard let account = try find(reference: reference) else { throw StorageError.malformed("accounts.id") }
        return account
    }

    /// Locks an account until the transaction ends, for decisions that depend on all that belongs to it: a limit on how much it may have,
    /// or a name that must be unique.
    ///
    /// Of two nodes that add something the second one sees what the first has added.
    package func lock(_ id: Int64) throws {
        let lock = tx.sql.dialect.forUpdate
        guard !lock.isEmpty else { return }
        _ = try tx.sql.query("SELECT id FROM accounts WHERE id = ?1\(lock)", [.integer(id)]) { _ in }
    }

    /// Returns an account whose row is locked until the transaction ends, so that its status can be changed; `nil` when there is none.
    ///
    /// The row is read once in a transaction.
    package func findForUpdate(_ id: Int64) throws -> Account? {
        if let locked = tx.accountCache.lockedAccount(id) { return locked }
        let found = try tx.sql.first(
            "SELECT \(AccountRow.withQuota) FROM accounts WHERE id = ?1\(tx.sql.dialect.forChange)", [.integer(id)],
            AccountRow.decodeWithQuota)
        if let found { tx.accountCache.storeLocked(found) }
        return found?.account
    }

    /// Changes the status of an account, which applies to its domains in this transaction from then on.
    ///
    /// - Parameter reason: why it is not `ok`, in a sentence; `nil` where it is.
    package func update(_ id: Int64, status: Account.Status, reason: String?) throws {
        try tx.sql.execute(
            "UPDATE accounts SET status = ?2, status_reason = ?3 WHERE id = ?1",
            [.integer(id), .text(status.rawValue), .text(reason)])
        tx.accountCache.set(status, of: id)
        tx.domainCache.set(status, ofAccount: id)
    }
}

/// The row of an account.
enum AccountRow {
    /// An account, and the limits in its row.
    typealias WithQuota = (account: Account, quota: StoredQuota)

    static let columns = "id, reference, status, created_at"
    static let withQuota = "\(columns), \(StoredQuota.columns)"

    /// Decodes a row of ``withQuota``.
    static func decodeWithQuota(_ row: any DatabaseRow) throws -> WithQuota {
        (try decode(row), try StoredQuota(row, from: 4))
    }

    static func decode(_ row: any DatabaseRow) throws -> Account {
        try decode(row, at: 0)
    }

    static func decode(_ row: any DatabaseRow, at column: Int) throws -> Account {
        Account(
            id: row.integer(column), reference: row.text(column + 1), status: try row.choice(column + 2),
            createdAt: row.requiredTimestamp(column + 3))
    }
}
