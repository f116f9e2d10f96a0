package import MailModel
package import Storage

/// Reads what people look at first: what needs somebody, and the present totals.
package struct OverviewService: Sendable {
    private let store: Store

    /// Creates the service.
    package init(store: Store) {
        self.store = store
    }

    /// The present time.
    package var now: Timestamp { store.now }

    /// Returns the overview of an account; `nil` for that of all.
    package func overview(of account: Account?) async throws -> Overview {
        try await store.read { try Overview(of: account, in: $0) }
    }

    /// Returns the totals and the queue alone, for what is repeated every few seconds.
    package func totals(of account: Account?) async throws -> (totals: DomainTotals, backlog: Backlog) {
        try await store.read { (try $0.domains.totals(of: account?.id), try $0.queue.backlog(of: account?.id)) }
    }
}

/// What needs somebody, and the present totals, from one snapshot.
package struct Overview: Sendable {
    /// The totals over the domains.
    package let totals: DomainTotals
    /// The emails that wait to be sent.
    package let backlog: Backlog
    /// Domains that were suspended automatically, for their bounce rate; what people suspended is no news to them.
    package let suspended: [SendingDomain]
    /// The domains that have used most of their daily limit.
    package let fullestToday: [SendingDomain]
    /// The domains that have used most of their monthly limit.
    package let fullestThisMonth: [SendingDomain]
    /// The reputation of the account, where it is about one.
    package let reputation: ReputationReport?
    /// The accounts that are blocked or warned, with their present counts, where it is about all.
    package let reviews: [ReputationReport]
    /// The domains of which the operator has to decide whose they are, where it is about all.
    package let claims: [SendingDomain]
    /// The receivers of callbacks that keep failing.
    package let failing: [FailingReceiver]
    /// The latest notices.
    package let notices: [StoredNotice]

    /// How many of each are named.
    package static let most = 5
    private static let mostNotices = 10

    init(of account: Account?, in tx: some ReadableTransaction) throws {
        totals = try tx.domains.totals(of: account?.id)
        backlog = try tx.queue.backlog(of: account?.id)
        suspended = try tx.domains.listSuspended(of: account?.id, isAutomatic: true, limit: Self.most)
        fullestToday = try tx.domains.listFullest(of: account?.id, limit: Self.most)
        fullestThisMonth = try tx.domains.listFullest(of: account?.id, inMonth: true, limit: Self.most)
        notices = try tx.notices.list(of: account?.id, limit: Self.mostNotices)
        reputation = try account.map { try tx.reputation.report(of: $0) }
        claims = try account == nil ? tx.domains.listInReview(limit: Self.most) : []
        failing = try tx.callbacks.listFailing(of: account?.id, limit: Self.most)
        guard account == nil else {
            reviews = []
            return
        }
        let statuses: [Account.Status] = [.blocked, .warning]
        let summaries: [AccountSummary] = try statuses.flatMap { status in
            try tx.accounts.listSummaries(status, after: nil, limit: Self.most)
        }
        reviews = try summaries.prefix(Self.most).map { try tx.reputation.report(of: $0.account) }
    }
}
