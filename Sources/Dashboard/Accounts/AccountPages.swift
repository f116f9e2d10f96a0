import Feedback
import Hummingbird
import MailModel
import Outbound
import Reports
import Storage
import Web

/// `/dashboard/accounts` and the review queue: the customers, and the operator's decisions about them.
struct AccountPages: Section {
    let store: Store
    let accounts: AccountService
    let domains: DomainService
    let reputations: ReputationService
    let reports: ReportService

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/accounts", .accountsRead, list),
            .get("/dashboard/accounts/{id}", .accountsRead, show),
            .post("/dashboard/accounts/{id}/limits", .accountsLimits, changeLimits),
            .post("/dashboard/accounts/{id}/review", .accountsReview, review),
            .get("/dashboard/reviews", .accountsRead, queue),
        ]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let after = try request.query.after()
        let text = request.query.text("q")
        let found = try await accounts.list(beginningWith: text, after: after, limit: Self.pageSize + 1)
        return request.page(.accounts, "Accounts", AccountsModel(found, text: text, after: after, request, pageSize: Self.pageSize))
    }

    /// The review queue.
    ///
    /// Blocked accounts come first, because they cannot send.
    private func queue(_ request: DashboardRequest) async throws -> Response {
        let found = try await store.read { tx in
            try [Account.Status.blocked, .warning].map { status in
                try tx.accounts.listSummaries(status, after: nil, limit: Self.pageSize).map { summary in
                    (summary, try tx.reputation.report(of: summary.account))
                }
            }.flatMap(\.self)
        }
        let domains = try await domains.listInReview(by: request.principal, limit: Self.pageSize)
        return request.page(.reviews, "Review queue", ReviewsModel(found, domains, request))
    }

    private func show(_ request: DashboardRequest) async throws -> Response {
        let account = try await account(request)
        guard let report = try await reputations.report(of: account.reference, by: request.principal) else {
            throw APIError.notFound("Account")
        }
        let outbound = try await accounts.outbound(of: account.reference, by: request.principal)
        let domains = try await store.read { try $0.domains.totals(of: account.id) }
        let sent = try await (try? ReportRange(now: request.now)).asyncMap { try await reports.emails(of: account.id, in: $0, by: .day) }
        return request.page(.account, account.reference, AccountModel(report, outbound, domains, sent, reputations.reputation, request))
    }

    private func changeLimits(_ request: DashboardRequest) async throws -> Response {
        let account = try await account(request)
        var changes = AccountLimitsChanges()
        changes.dailyLimit = try request.count("daily")
        changes.monthlyLimit = try request.count("monthly")
        changes.enforcement = try request.form.choice("enforcement")
        changes.domainsLimit = try request.count("domains")
        try await accounts.updateLimits(of: account.reference, changes, by: request.principal)
        return request.redirect(
            request.link("/dashboard/accounts/\(account.id)"), saying: "The limits of \(account.reference) are changed.")
    }

    private func review(_ request: DashboardRequest) async throws -> Response {
        let account = try await account(request)
        guard let decision: ReviewDecision = try request.form.choice("decision") else { throw APIError.invalid("decision", "choose one") }
        guard try await reputations.review(account.reference, decision, note: request.text("note"), by: request.principal) != nil else {
            throw APIError.notFound("Account")
        }
        return request.redirect(request.link("/dashboard/accounts/\(account.id)"), saying: decision.done(account.reference))
    }

    private func account(_ request: DashboardRequest) async throws -> Account {
        let id = try request.id(of: "Account")
        guard let account = try await store.read({ try $0.accounts.find(id) }) else { throw APIError.notFound("Account") }
        return account
    }
}

extension ReviewDecision {
    fileprivate func done(_ account: String) -> String {
        switch self {
        case .lift: "\(account) goes on, judged by what it sends from now on."
        case .keep: "\(account) stays as it is; your note is kept."
        case .block: "\(account) is blocked: nothing of it is sent."
        }
    }
}

extension Template {
    static let accounts = Template(PackageResources.accounts_mustache)
    static let account = Template(PackageResources.account_mustache)
    static let reviews = Template(PackageResources.reviews_mustache)
}
