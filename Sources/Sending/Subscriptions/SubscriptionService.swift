package import MailModel
package import Storage

/// Double opt-in: an address is on a list once its owner opened the mailed link and confirmed (specification 9.4).
///
/// The message passes the same gate as every email, counts, and has its timeline. A GET of the link changes nothing, because mail scanners
/// open every link. Throws ``Refusal`` for what the caller did wrong.
package final class SubscriptionService: Sendable {
    private let store: Store
    private let submission: Submission
    private let links: SubscriptionLinks

    /// Creates the service.
    package init(store: Store, submission: Submission, links: SubscriptionLinks) {
        self.store = store
        self.submission = submission
        self.links = links
    }

    /// Mails the link, unless that was done in the last ten minutes, or the owner has confirmed already.
    ///
    /// - Returns: the subscription, and what the caller should know about it.
    package func request(_ request: SubscriptionRequest, by principal: Principal) async throws -> (
        subscription: Subscription, note: String?
    ) {
        let validated = try ValidatedSubscription(request)
        let known = try await store.read { try validated.find(by: principal, in: $0) }
        if let known, !known.mayBeMailed(at: store.now) {
            return (known, known.proof == nil ? "The link was mailed less than ten minutes ago: it is not mailed again yet" : nil)
        }
        let id = known?.id ?? SubscriptionID(at: store.now)
        let message = validated.message(link: links.url(for: id))
        do {
            let acceptance = try await submission.accept(message, by: principal) { tx, email in
                let subscription = validated.subscription(id, known: known, accountID: email.accountID, at: tx.now)
                // Thrown, so that the email with this link is not sent.
                guard try tx.subscriptions.insert(subscription, replacing: known) else { throw SubscriptionChanged() }
            }
            return (
                validated.subscription(id, known: known, accountID: acceptance.email.accountID, at: acceptance.email.createdAt),
                acceptance.note
            )
        } catch is SubscriptionChanged {
            return try await self.request(request, by: principal)
        }
    }

    /// Another request for the same address and list was faster, or the owner has confirmed meanwhile.
    private struct SubscriptionChanged: Error {}

    /// Returns a page of subscriptions, newest first.
    ///
    /// - Parameters:
    ///   - list: only those to this list; `nil` for all lists of the account, or, for the master, of all accounts.
    ///   - status: only those with this status, which needs a list; `nil` for any.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func list(
        _ list: String?, status: Subscription.Status?, by principal: Principal, after: SubscriptionID?, limit: Int
    ) async throws -> [Subscription] {
        guard let list else {
            guard status == nil else { throw Refusal.invalid("status", "expected together with list") }
            return try await store.read { tx in
                guard let account = principal.accountID else { return try tx.subscriptions.list(after: after, limit: limit) }
                return try tx.subscriptions.list(of: account, after: after, limit: limit)
            }
        }
        guard let account = principal.accountID else {
            throw Refusal.invalid(
                "list", "a list is an account's, expected one of its keys and not the master token")
        }
        return try await store.read {
            try $0.subscriptions.list(of: account, to: list, status: status, after: after, limit: limit)
        }
    }

    /// Deletes a subscription.
    ///
    /// - Returns: false when there is no such subscription, or it is another account's.
    package func delete(_ id: SubscriptionID, by principal: Principal) async throws -> Bool {
        try await store.write { tx in
            guard let found = try tx.subscriptions.find(id), principal.mayAccess(account: found.accountID) else { return false }
            try tx.subscriptions.delete(id)
            return true
        }
    }

    /// Returns what a link leads to.
    package func status(of token: String) async throws -> SubscriptionLinkStatus {
        guard let id = links.verify(token) else { return .unknown }
        return try await store.read { try SubscriptionLinkStatus(of: id, in: $0) }
    }

    /// Confirms the subscription of a link, and stores when and from where as the proof.
    ///
    /// A second confirmation changes nothing.
    package func confirm(_ token: String, ipAddress: String, userAgent: String?) async throws -> SubscriptionLinkStatus {
        guard let id = links.verify(token) else { return .unknown }
        let command = ConfirmSubscription(id: id, ipAddress: ipAddress, userAgent: userAgent)
        return try await store.write { tx in try command.run(in: tx) }
    }
}
