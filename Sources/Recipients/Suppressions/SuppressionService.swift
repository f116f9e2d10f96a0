public import MailModel
public import Storage

/// The lists of addresses that must not be mailed (contract section 4). A customer works on its own list; the master says whose it means.
public final class SuppressionService: Sendable {
    let store: Store

    public init(store: Store) {
        self.store = store
    }

    /// Entries, newest first.
    ///
    /// - Parameters:
    ///   - account: whose; `nil` for all accounts, where the filter has to be empty.
    ///   - after: begin behind this entry's id.
    public func list(matching filter: SuppressionFilter, of account: Account?, after: Int64?, limit: Int) async throws -> [Suppression] {
        try await store.read { context in
            guard let account else { return try context.suppressions(after: after, limit: limit) }
            return try context.suppressions(matching: filter, of: account.id, after: after, limit: limit)
        }
    }

    /// Suppresses an address.
    ///
    /// - Returns: the entry, and whether it is new. An address that is suppressed already keeps the entry it has.
    public func add(_ entry: SuppressionEntry, to account: Account) async throws -> (suppression: Suppression, isNew: Bool) {
        try await store.write { context in
            let isNew = try context.suppress(entry, accountID: account.id, source: .api)
            guard let kept = try context.suppression(of: entry.address, sender: entry.sender, accountID: account.id) else {
                throw StorageError.malformed("suppressions")
            }
            return (kept, isNew)
        }
    }

    /// Takes an entry off its list.
    ///
    /// - Returns: false when there is none of that id, or it is another account's.
    public func remove(_ id: Int64, by principal: Principal) async throws -> Bool {
        try await store.write { try $0.removeSuppression(id, of: principal.accountID) != nil }
    }
}
