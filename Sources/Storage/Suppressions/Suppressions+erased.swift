import Crypto
import Database
import Encoding
package import MailModel
import Synchronization

/// The secret by which suppressions of erased recipients are stored, as far as this process knows it.
///
/// There is none before the first erasure: until then no suppression is looked up twice.
final class ErasureKey: Sendable {
    /// The name of the secret.
    static let name = "erased-recipients"

    private let value = Mutex<[UInt8]?>(nil)

    /// The secret; `nil` where it does not exist, or is not known yet.
    var known: [UInt8]? { value.withLock { $0 } }

    func remember(_ key: [UInt8]) {
        value.withLock { $0 = key }
    }
}

/// A suppressed address as it is stored: in lower case, or for an erased recipient as a keyed hash, which is no address.
enum StoredAddress {
    private static let prefix = "hash:"

    /// Returns the hash of an address: HMAC-SHA256.
    static func hash(_ key: String, by secret: [UInt8]) -> String {
        prefix + Hexadecimal.encode(HMAC<SHA256>.authenticationCode(for: Array(key.utf8), using: SymmetricKey(data: secret)))
    }

    /// Reads a stored address; ``EmailAddress/erased`` for a hash.
    static func address(_ text: String) -> EmailAddress {
        text.hasPrefix(prefix) ? .erased : EmailAddress(validated: text)
    }
}

extension Suppressions {
    /// Returns the secret of the hashes; `nil` where no recipient was ever erased.
    func erasureSecret() throws -> [UInt8]? {
        if let known = tx.writing?.erasureKey.known { return known }
        if tx.writing?.hasNoErasureKey == true { return nil }
        guard let secret = try tx.secrets.find(named: ErasureKey.name) else {
            tx.writing?.hasNoErasureKey = true
            return nil
        }
        // The transaction that has inserted it may be rolled back.
        if let writing = tx.writing, !writing.hasInsertedErasureKey { writing.erasureKey.remember(secret) }
        return secret
    }

    /// Returns the texts under which an address may be stored, of which the second is the first where no recipient was ever erased.
    func storedTexts(of address: EmailAddress) throws -> (plain: String, hash: String) {
        let plain = address.suppressionKey
        return (plain, try erasureSecret().map { StoredAddress.hash(plain, by: $0) } ?? plain)
    }

    /// Returns what all accounts, or one, have suppressed of an address.
    package func list(of address: EmailAddress, accountID: Int64?, limit: Int) throws -> [Suppression] {
        let (plain, hash) = try storedTexts(of: address)
        return try tx.sql.query(
            "\(SuppressionRow.select) WHERE a.id = COALESCE(?3, a.id) AND s.address IN (?1, ?2) ORDER BY s.id LIMIT ?4",
            [.text(plain), .text(hash), .integer(accountID), .integer(limit)], SuppressionRow.decode)
    }
}

extension Suppressions where Tx == Transaction {
    /// Returns the hashes of those of the addresses that an account has suppressed as erased ones.
    ///
    /// A further entry of such an address is stored under its hash too, so that the address does not come back.
    func erased(among pairs: Set<SuppressionPair>) throws -> [SuppressionPair: String] {
        guard !pairs.isEmpty, let secret = try erasureSecret() else { return [:] }
        let hashes = Dictionary(
            uniqueKeysWithValues: pairs.map { pair in
                (SuppressionPair(accountID: pair.accountID, address: StoredAddress.hash(pair.address, by: secret)), pair)
            })
        let found = try tx.sql.query(
            overRows: hashes.keys.map { [.integer($0.accountID), .text($0.address)] },
            {
                """
                WITH wanted (account_id, address) AS (VALUES \($0))
                SELECT s.account_id, s.address FROM wanted w
                JOIN suppressions s ON s.account_id = w.account_id AND s.address = w.address
                """
            }
        ) { SuppressionPair(accountID: $0.integer(0), address: $0.text(1)) }
        return found.reduce(into: [:]) { erased, stored in if let pair = hashes[stored] { erased[pair] = stored.address } }
    }

    /// Stores entries of an address under its keyed hash, without their notes.
    ///
    /// Where there is such an entry already, it holds alone.
    ///
    /// - Parameter ids: entries that had the address; what has another one by now stays.
    /// - Returns: how many had it.
    func erase(_ ids: [Int64], of address: EmailAddress) throws -> Int64 {
        guard !ids.isEmpty else { return 0 }
        let secret = try insertErasureSecret()
        try flush()
        tx.suppressionCache.invalidate()
        let (plain, hash) = (address.suppressionKey, StoredAddress.hash(address.suppressionKey, by: secret))
        var count: Int64 = 0
        for id in ids {
            let isThere = try tx.sql.first(
                """
                SELECT 1 FROM suppressions s JOIN suppressions h ON h.account_id = s.account_id AND h.sender = s.sender AND h.address = ?2
                WHERE s.id = ?1
                """, [.integer(id), .text(hash)]
            ) { _ in true }
            count += Int64(
                try tx.sql.execute(
                    isThere == nil
                        ? "UPDATE suppressions SET address = ?3, note = NULL WHERE id = ?1 AND address = ?2"
                        : "DELETE FROM suppressions WHERE id = ?1 AND address = ?2 AND address <> ?3",
                    [.integer(id), .text(plain), .text(hash)]))
        }
        try tx.sql.execute("DELETE FROM ses_suppression_changes WHERE address = ?1", [.text(plain)])
        return count
    }

    /// Suppresses an address that an event names of an erased recipient's email, under its keyed hash.
    ///
    /// Where the address has an entry of its own, because it was mailed again since, that entry is the one that changes.
    package func insertErased(_ address: EmailAddress, accountID: Int64, reason: SuppressionReason) throws {
        guard !address.isErased else { return }
        if let known = try find(address, sender: nil, accountID: accountID), !known.entry.address.isErased {
            return try insert(address, accountID: accountID, reason: reason, note: nil)
        }
        try flush()
        tx.suppressionCache.invalidate()
        let hash = StoredAddress.hash(address.suppressionKey, by: try insertErasureSecret())
        try tx.sql.execute(
            SuppressionRow.insertion(rows: 1),
            SuppressionRow.values(
                SuppressionEntry(address: address, sender: nil, reason: reason, note: nil), hash: hash, accountID: accountID,
                source: .feedback, createdAt: tx.now, id: tx.newID()))
    }

    /// Returns the secret of the hashes, which is made where there is none.
    func insertErasureSecret() throws -> [UInt8] {
        if let secret = try erasureSecret() { return secret }
        (tx.hasInsertedErasureKey, tx.hasNoErasureKey) = (true, false)
        return try tx.secrets.findOrInsert(named: ErasureKey.name, candidate: .random(count: 32))
    }

    /// Deletes all entries of an address in an account, or those for one sender, whether they have the address or its keyed hash.
    ///
    /// - Returns: what was deleted.
    package func delete(_ address: EmailAddress, sender: EmailAddress?, accountID: Int64) throws -> [Suppression] {
        try flush()
        tx.suppressionCache.invalidate()
        let (plain, hash) = try storedTexts(of: address)
        return try tx.sql.query(
            """
            DELETE FROM suppressions WHERE account_id = ?1 AND address IN (?2, ?3) AND sender = COALESCE(?4, sender)
            RETURNING \(SuppressionRow.returned)
            """,
            [.integer(accountID), .text(plain), .text(hash), .text(sender?.suppressionKey)], SuppressionRow.decode)
    }
}
