import MailModel
import Storage

/// Suppresses an address for an account or one of its senders.
///
/// SES's own list never follows: it holds for the whole AWS account, and what a customer says proves no bounce and no complaint (specification 9.2).
struct AddSuppression: Sendable {
    let entry: SuppressionEntry
    let accountID: Int64
    let source: Suppression.Source

    /// Returns false when the address is suppressed already: its entry stays as it is.
    func run(in tx: Transaction) throws -> Bool {
        try tx.suppressions.insert(entry, accountID: accountID, source: source)
    }

    /// The row of the audit log about it.
    ///
    /// A file has one for all its entries: ``SuppressionImport``.
    var change: AuditChange {
        AuditChange(.suppressionAdd, target: .recipient(entry.address), account: accountID, after: entry.auditValues)
    }
}

/// Removes an entry of a suppression list, and enqueues the change of SES's own list where that follows.
struct RemoveSuppression: Sendable {
    let id: Int64
    /// Who removes it.
    ///
    /// A client's entry has to be its own account's.
    let principal: Principal
    /// Whether SES's own list follows (`suppressions.syncSES`).
    let syncsSES: Bool

    /// Returns false when there is no such entry.
    func run(in tx: Transaction) throws -> Bool {
        guard let removed = try tx.suppressions.delete(id, of: principal.accountID) else { return false }
        let account = try principal.accountID ?? tx.accounts.find(reference: removed.userName)?.id
        try tx.audit.insert(
            AuditChange(
                .suppressionRemove, target: removed.auditTarget, account: account, before: removed.entry.auditValues),
            by: .principal(principal))
        if syncsSES, removed.isOnListOfSES, !removed.entry.address.isErased { try tx.suppressionChanges.insert(removed.entry.address) }
        return true
    }
}

/// Removes all entries of an address from an account's list, and enqueues the change of SES's own list where that follows.
struct RemoveAddress: Sendable {
    let address: EmailAddress
    /// Only the entry for this sender; `nil`: all.
    let sender: EmailAddress?
    let account: Account
    let principal: Principal
    /// Whether SES's own list follows (`suppressions.syncSES`).
    let syncsSES: Bool

    /// Returns false when there is no entry.
    func run(in tx: Transaction) throws -> Bool {
        let removed = try tx.suppressions.delete(address, sender: sender, accountID: account.id)
        for suppression in removed {
            var entry = suppression.entry
            entry.address = address
            try tx.audit.insert(
                AuditChange(.suppressionRemove, target: .recipient(address), account: account.id, before: entry.auditValues),
                by: .principal(principal))
        }
        if syncsSES, removed.contains(where: \.isOnListOfSES) { try tx.suppressionChanges.insert(address) }
        return !removed.isEmpty
    }
}

extension SuppressionEntry {
    /// The entry for the audit log.
    ///
    /// Without its note, in which an address may stand.
    fileprivate var auditValues: [String: AuditValue] {
        [
            "address": address.isErased ? .null : .recipient(address), "scope": .string(scope.rawValue),
            "sender": .optional(sender?.description),
            "reason": .string(reason.rawValue),
        ]
    }
}

extension Suppression {
    /// The recipient; the account where the recipient was erased.
    fileprivate var auditTarget: AuditTarget {
        entry.address.isErased ? .account(userName) : .recipient(entry.address)
    }

    /// Whether SES has reported it, and so has it on its own list.
    fileprivate var isOnListOfSES: Bool {
        source == .feedback && (entry.reason == .hardBounce || entry.reason == .complaint)
    }
}
