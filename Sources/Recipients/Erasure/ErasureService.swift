package import MailModel
package import Storage

/// Shows what is known of a recipient, and erases it (specification 9.6).
///
/// A customer works on its own data; the master on that of all accounts, or of one.
package final class ErasureService: Sendable {
    /// All that is known of a recipient beside the emails to it.
    package struct Known: Sendable {
        /// The entries of suppression lists, also those that are kept as a hash.
        package var suppressions: [Suppression]
        /// The subscriptions, of whatever status.
        package var subscriptions: [Subscription]
        /// A page of the emails, newest first, without their texts.
        package var emails: EmailPage
        /// When all of it was read.
        package var now: Timestamp
    }

    /// The most suppressions and subscriptions that are shown.
    private static let mostShown = 1000

    private let store: Store

    /// Creates the service.
    package init(store: Store) {
        self.store = store
    }

    /// Returns what is known of a recipient, however its local part is written.
    ///
    /// - Parameters:
    ///   - account: only in this account's data; `nil` in all.
    ///   - after: the last email of the page before; `nil` for the first page.
    package func known(of address: EmailAddress, in account: Account?, after: EmailID?, limit: Int) async throws -> Known {
        try await store.read { tx in
            var filter = EmailFilter()
            (filter.recipient, filter.recipientInAnyCase) = (address, true)
            return Known(
                suppressions: try tx.suppressions.list(of: address, accountID: account?.id, limit: Self.mostShown),
                subscriptions: try tx.erasures.subscriptions(of: address, accountID: account?.id, limit: Self.mostShown),
                emails: try tx.emails.page(matching: filter, of: account?.id, after: after, limit: limit), now: tx.now)
        }
    }

    /// Begins to erase what is known of a recipient.
    ///
    /// - Parameter account: in this account's data; `nil` in all.
    /// - Returns: the job that does it.
    package func erase(_ address: EmailAddress, in account: Account?, by principal: Principal) async throws -> Job {
        let command = EraseRecipient(address: address, accountID: account?.id, principal: principal)
        return try await store.write { try command.run(in: $0) }
    }

    /// Returns a job; `nil` where there is none, or it is not the caller's.
    package func job(_ id: JobID, by principal: Principal) async throws -> Job? {
        guard let job = try await store.read({ try $0.jobs.find(id) }) else { return nil }
        guard let own = principal.accountID else { return job }
        return job.accountID == own ? job : nil
    }
}

/// Inserts the job that erases a recipient, and the row of the audit log that says who asked for it.
struct EraseRecipient: Sendable {
    let address: EmailAddress
    let accountID: Int64?
    let principal: Principal

    func run(in tx: Transaction) throws -> Job {
        let job = try tx.jobs.insert(erasing: address, accountID: accountID)
        try tx.audit.insert(
            AuditChange(
                .recipientErase, target: .recipient(address), account: accountID, after: ["job": .string(job.id.description)]),
            by: .principal(principal))
        return job
    }
}
