package import MailModel
package import Storage

/// The lists of addresses that must not be mailed (specification 9.2). A customer works on its own list; the master says whose it means.
package final class SuppressionService: Sendable {
    let store: Store
    /// SES's own list follows this one (`suppressions.syncSES`).
    let syncsSES: Bool

    package init(store: Store, syncsSES: Bool = false) {
        self.store = store
        self.syncsSES = syncsSES
    }

    /// Entries, newest first.
    ///
    /// - Parameters:
    ///   - account: whose; `nil` for all accounts, where the filter has to be empty.
    ///   - after: begin behind this entry's id.
    package func list(matching filter: SuppressionFilter, of account: Account?, after: Int64?, limit: Int) async throws -> [Suppression] {
        try await store.read { context in
            guard let account else { return try context.suppressions(after: after, limit: limit) }
            return try context.suppressions(matching: filter, of: account.id, after: after, limit: limit)
        }
    }

    /// Suppresses an address.
    ///
    /// - Returns: the entry, and whether it is new. An address that is suppressed already keeps the entry it has.
    package func add(_ entry: SuppressionEntry, to account: Account) async throws -> (suppression: Suppression, isNew: Bool) {
        try await store.write { [syncsSES] context in
            let isNew = try context.suppress(entry, accountID: account.id, source: .api, syncsSES: syncsSES)
            guard let kept = try context.suppression(of: entry.address, sender: entry.sender, accountID: account.id) else {
                throw StorageError.malformed("suppressions")
            }
            return (kept, isNew)
        }
    }

    /// Takes an entry off its list.
    ///
    /// - Returns: false when there is none of that id, or it is another account's.
    package func remove(_ id: Int64, by principal: Principal) async throws -> Bool {
        try await store.write { [syncsSES] context in
            guard let removed = try context.removeSuppression(id, of: principal.accountID) else { return false }
            if syncsSES, removed.entry.isKnownToSES { try context.noteSESChange(of: removed.entry.address) }
            return true
        }
    }
}

extension WriteContext {
    /// Suppresses an address, and lets SES know where it is to.
    func suppress(_ entry: SuppressionEntry, accountID: Int64, source: Suppression.Source, syncsSES: Bool) throws -> Bool {
        guard try suppress(entry, accountID: accountID, source: source) else { return false }
        if syncsSES, entry.isKnownToSES { try noteSESChange(of: entry.address) }
        return true
    }
}

extension SuppressionEntry {
    /// SES's list knows bounces and complaints, and no senders.
    var isKnownToSES: Bool {
        scope == .account && (reason == .hardBounce || reason == .complaint)
    }
}
