import MailModel
import Storage

/// Suppresses an address for an account or one of its senders, and enqueues the change of SES's own list where that follows.
struct AddSuppression: Sendable {
    let entry: SuppressionEntry
    let accountID: Int64
    let source: Suppression.Source
    /// Whether SES's own list follows (`suppressions.syncSES`).
    let syncsSES: Bool

    /// Returns false when the address is suppressed already: its entry stays as it is.
    func run(in tx: Transaction) throws -> Bool {
        guard try tx.suppressions.insert(entry, accountID: accountID, source: source) else { return false }
        if syncsSES, entry.isKnownToSES { try tx.suppressionChanges.insert(entry.address) }
        return true
    }
}

/// Removes an entry of a suppression list, and enqueues the change of SES's own list where that follows.
struct RemoveSuppression: Sendable {
    let id: Int64
    /// The account that the entry has to belong to; `nil` for any.
    let accountID: Int64?
    /// Whether SES's own list follows (`suppressions.syncSES`).
    let syncsSES: Bool

    /// Returns false when there is no such entry.
    func run(in tx: Transaction) throws -> Bool {
        guard let removed = try tx.suppressions.delete(id, of: accountID) else { return false }
        if syncsSES, removed.entry.isKnownToSES { try tx.suppressionChanges.insert(removed.entry.address) }
        return true
    }
}

extension SuppressionEntry {
    /// SES's list knows bounces and complaints, and no senders.
    fileprivate var isKnownToSES: Bool {
        scope == .account && (reason == .hardBounce || reason == .complaint)
    }
}
