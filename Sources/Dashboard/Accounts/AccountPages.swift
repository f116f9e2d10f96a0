import Feedback
import Hummingbird
import MailModel
import Reports
import Storage
import Web

/// `/dashboard/accounts` and the review queue: how the customers stand, and what the operator decides about them.
struct AccountPages: Section {
    let store: Store
    let reputations: ReputationService
    let reports: ReportService

    private static let pageSize = 50

    var pages: [Page] {
        [
            .get("/dashboard/accounts", .master, list),
            .get("/dashboard/accounts/{id}", .master, show),
            .post("/dashboard/accounts/{id}/review", .master, review),
            .get("/dashboard/reviews", .master, queue),
        ]
    }

    private func list(_ visit: DashboardRequest) async throws -> Response {
        let after = try visit.call.query.after()
        let text = visit.call.query.text("q")
        let found = try await store.read { context in
            if let text { return try context.accounts(beginningWith: text, after: after, limit: Self.pageSize + 1) }
            return try context.accountSummaries(nil, after: after, limit: Self.pageSize + 1)
        }
        return visit.page(.accounts, "Accounts", AccountsModel(found, text: text, after: after, visit, pageSize: Self.pageSize))
    }

    /// Those that are blocked come first: their mail waits.
    private func queue(_ visit: DashboardRequest) async throws -> Response {
        let found = try await store.read { context in
            try [Account.Status.blocked, .warning].map { status in
                try context.accountSummaries(status, after: nil, limit: Self.pageSize).map { summary in
                    (summary, try context.reputationReport(of: summary.account))
                }
            }.flatMap(\.self)
        }
        return visit.page(.reviews, "Review queue", ReviewsModel(found, visit))
    }

    private func show(_ visit: DashboardRequest) async throws -> Response {
        let account = try await account(visit)
        guard let report = try await reputations.report(of: account.reference, by: visit.principal) else {
            throw APIError.notFound("Account")
        }
        let domains = try await store.read { try $0.domainTotals(of: account.id) }
        let sent = try await (try? ReportRange(now: visit.now)).asyncMap { try await reports.emails(of: account.id, in: $0, by: .day) }
        return visit.page(.account, account.reference, AccountModel(report, domains, sent, reputations.reputation, visit))
    }

    private func review(_ visit: DashboardRequest) async throws -> Response {
        let account = try await account(visit)
        guard let decision: ReviewDecision = try visit.form.choice("decision") else { throw APIError.invalid("decision", "choose one") }
        guard try await reputations.review(account.reference, decision, note: visit.text("note")) != nil else {
            throw APIError.notFound("Account")
        }
        return visit.redirect(visit.link("/dashboard/accounts/\(account.id)"), saying: decision.done(account.reference))
    }

    private func account(_ visit: DashboardRequest) async throws -> Account {
        let id = try visit.call.id(of: "Account")
        guard let account = try await store.read({ try $0.account(id) }) else { throw APIError.notFound("Account") }
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
