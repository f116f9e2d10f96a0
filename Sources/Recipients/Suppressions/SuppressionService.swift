package import MailModel
package import Storage

/// The service for the suppression lists (specification 9.2).
///
/// A customer works on its own list; the master names the account.
package final class SuppressionService: Sendable {
    let store: Store
    /// Whether SES's own list follows when an entry is removed that SES's feedback has led to (`suppressions.syncSES`).
    let syncsSES: Bool

    /// - Parameter syncsSES: whether SES's own list follows when an entry is removed that SES's feedback has led to (`suppressions.syncSES`).
    package init(store: Store, syncsSES: Bool = false) {
        self.store = store
        self.syncsSES = syncsSES
    }

    /// Returns entries, newest first.
    ///
    /// - Parameters:
    ///   - account: whose entries; `nil` for those of all accounts, where the filter has to be empty.
    ///   - after: the id of the entry to continue after; `nil` for the first page.
    ///   - limit: the largest number of entries returned.
    package func list(matching filter: SuppressionFilter, of account: Account?, after: Int64?, limit: Int) async throws -> [Suppression] {
        try await store.read { tx in
            guard let account else { return try tx.suppressions.list(after: after, limit: limit) }
            return try tx.suppressions.list(matching: filter, of: account.id, after: after, limit: limit)
        }
    }

    /// Suppresses an address.
    ///
    /// - Returns: the entry, and whether it is new. An address that is suppressed already keeps its entry.
    package func add(
        _ entry: SuppressionEntry, to account: Account, by principal: Principal
    ) async throws -> (suppression: Suppression, isNew: Bool) {
        let command = AddSuppression(entry: entry, accountID: account.id, source: .api)
        return try await store.write { tx in
            let isNew = try command.run(in: tx)
            if isNew { try tx.audit.insert(command.change, by: .principal(principal)) }
            guard let suppression = try tx.suppressions.find(entry.address, sender: entry.sender, accountID: account.id) else {
                throw StorageError.malformed("suppressions")
            }
            return (suppression, isNew)
        }
    }

    /// Removes an entry from its list.
    ///
    /// - Returns: false when there is none of that id, or it is another account's.
    package func remove(_ id: Int64, by principal: Principal) async throws -> Bool {
        let command = RemoveSuppression(id: id, principal: principal, syncsSES: syncsSES)
        return try await store.write { tx in try command.run(in: tx) }
    }

    /// Removes all entries of an address from an account's list, also those that are kept as a hash.
    ///
    /// - Parameter sender: only the entry for this sender; `nil` for all.
    /// - Returns: false when there is none.
    package func remove(
        _ address: EmailAddress, sender: EmailAddress?, from account: Account, by principal: Principal
    ) async throws -> Bool {
        let command = RemoveAddress(address: address, sender: sender, account: account, principal: principal, syncsSES: syncsSES)
        return try await store.write { tx in try command.run(in: tx) }
    }
}

extension SuppressionService {
    private static let pageSize = 1000

    /// Passes all entries of a list to a closure, in pages of up to 1000, each read by itself: no transaction is open while the closure runs.
    ///
    /// In no particular order. An entry that is added meanwhile may be missing; one that exists from beginning to end is passed once.
    ///
    /// - Parameters:
    ///   - account: whose entries; `nil` for those of all accounts, where the filter has to be empty.
    ///   - body: called with each page, which is never empty.
    /// - Throws: what `body` threw, or ``StorageError``.
    package func export(
        matching filter: SuppressionFilter, of account: Account?, _ body: ([Suppression]) async throws -> Void
    ) async throws {
        // Without an account there is no filter.
        for part in account == nil ? [filter] : filter.parts {
            var after: Int64?
            while true {
                let page = try await list(matching: part, of: account, after: after, limit: Self.pageSize)
                if !page.isEmpty { try await body(page) }
                guard page.count == Self.pageSize, let last = page.last else { break }
                after = last.id
            }
        }
    }
}
