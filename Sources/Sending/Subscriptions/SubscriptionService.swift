package import MailModel
package import Storage

/// Double opt-in: an address is on a list when its owner followed the link that was mailed there, and said so (specification 9.4).
///
/// The message goes the way of all emails: the same gate, counted, with its timeline. Looking at a link changes nothing: mail scanners follow
/// every link they see. Throws ``SubmissionRefusal`` for what the caller did wrong.
package final class SubscriptionService: Sendable {
    /// What there is to a link.
    package enum Finding: Sendable, Equatable {
        case question(Subscription)
        case confirmed(Subscription)
        /// The link was ours, and is too old.
        case expired
        /// The link was not made here, or its subscription is not known any more.
        case unknown
    }

    private let store: Store
    private let submission: Submission
    private let links: SubscriptionLinks

    package init(store: Store, submission: Submission, links: SubscriptionLinks) {
        self.store = store
        self.submission = submission
        self.links = links
    }

    /// Mails the link, unless that was done lately, or the owner agreed already.
    ///
    /// - Returns: the subscription, and what the caller should know of it.
    package func request(_ request: SubscriptionRequest, by principal: Principal) async throws -> (
        subscription: Subscription, note: String?
    ) {
        let draft = try ValidatedSubscription(request)
        let known = try await store.read { try $0.subscription(for: draft, by: principal) }
        if let known, !known.mayBeMailed(at: store.now) {
            return (known, known.proof == nil ? "The link was mailed less than ten minutes ago: it is not mailed again yet" : nil)
        }
        let id = known?.id ?? SubscriptionID(at: store.now)
        let message = draft.message(link: links.url(for: id))
        do {
            let acceptance = try await submission.accept(message, by: principal) { context, email in
                let subscription = draft.subscription(id, known: known, accountID: email.accountID, at: context.now)
                // Thrown, so that the email with this link is not sent.
                guard try context.keep(subscription, replacing: known) else { throw Overtaken() }
            }
            return (
                draft.subscription(id, known: known, accountID: acceptance.email.accountID, at: acceptance.email.createdAt),
                acceptance.note
            )
        } catch is Overtaken {
            return try await self.request(request, by: principal)
        }
    }

    /// Another request for the same address and list was faster, or its owner has agreed meanwhile.
    private struct Overtaken: Error {}

    /// Subscriptions, newest first.
    ///
    /// - Parameters:
    ///   - list: only to this one. The master sees all lists of all accounts together.
    ///   - status: only with this one, of one list.
    package func list(
        _ list: String?, status: Subscription.Status?, by principal: Principal, after: SubscriptionID?, limit: Int
    ) async throws -> [Subscription] {
        guard let list else {
            guard status == nil else { throw SubmissionRefusal(.invalid, field: "status", "status: expected together with list") }
            return try await store.read { context in
                guard let account = principal.accountID else { return try context.subscriptions(after: after, limit: limit) }
                return try context.subscriptions(of: account, after: after, limit: limit)
            }
        }
        guard let account = principal.accountID else {
            throw SubmissionRefusal(
                .invalid, field: "list", "list: a list is an account's, expected one of its keys and not the master token")
        }
        return try await store.read {
            try $0.subscriptions(of: account, to: list, status: status, after: after, limit: limit)
        }
    }

    /// Takes an address off its list.
    ///
    /// - Returns: false where there is no such subscription, or it is another account's.
    package func delete(_ id: SubscriptionID, by principal: Principal) async throws -> Bool {
        try await store.write { context in
            guard let found = try context.subscription(id), principal.mayAccess(account: found.accountID) else {
                return false
            }
            try context.deleteSubscription(id)
            return true
        }
    }

    /// What a link is about.
    package func look(at token: String) async throws -> Finding {
        guard let id = links.subscription(of: token) else { return .unknown }
        return try await store.read { context in context.finding(try context.subscription(id)) }
    }

    /// Keeps that the owner agreed, and from where; a second time changes nothing.
    package func confirm(_ token: String, ipAddress: String, userAgent: String?) async throws -> Finding {
        guard let id = links.subscription(of: token) else { return .unknown }
        return try await store.write { context in
            guard case .question = context.finding(try context.subscription(id)) else {
                return context.finding(try context.subscription(id))
            }
            try context.confirm(id, Subscription.Proof(at: context.now, ipAddress: ipAddress, userAgent: userAgent.map(Self.shortened)))
            return context.finding(try context.subscription(id))
        }
    }

    /// What strangers write: bounded, and in one line.
    private static func shortened(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.prefix(500).filter { $0.properties.generalCategory != .control })
        return String(scalars)
    }
}

extension ReadContext {
    fileprivate func finding(_ subscription: Subscription?) -> SubscriptionService.Finding {
        guard let subscription else { return .unknown }
        return switch subscription.status(at: now) {
        case .pending: .question(subscription)
        case .confirmed: .confirmed(subscription)
        case .expired: .expired
        }
    }

    /// What the account has under the address and list already. The master acts for the account that owns the sender.
    fileprivate func subscription(for draft: ValidatedSubscription, by principal: Principal) throws -> Subscription? {
        let accountID = try principal.accountID ?? domain(named: draft.sender.domain)?.accountID ?? sender(draft.sender)?.accountID
        return try accountID.flatMap { try subscription(of: draft.address, to: draft.list, accountID: $0) }
    }
}
