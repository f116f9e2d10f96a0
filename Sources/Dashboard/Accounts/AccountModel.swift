import MailModel
import Outbound
import Reports
import Storage

/// One account: its status, the reason, and the reviews.
struct AccountModel: Sendable {
    struct Review: Sendable {
        let decision: String
        let at: String
        let before: String
        let note: String?
    }

    struct Choice: Sendable {
        let value: String
        let text: String
        let hint: String
        let isChosen: Bool
    }

    let name: String
    let state: Badge
    let reason: String?
    let reasonTone: String
    let figures: Figures
    let quota: AccountQuotaView
    let bounces: Gauge
    let complaints: Gauge
    let since: String
    let chart: Chart?
    let places: [Link]
    let action: String
    let choices: [Choice]
    let reviews: [Review]
    let hasReviews: Bool
    let tenants: [TenantView]
    let hasTenants: Bool

    init(
        _ report: ReputationReport, _ outbound: AccountOutbound, _ totals: DomainTotals, _ sent: EmailReport?, _ reputation: Reputation,
        _ request: DashboardRequest
    ) {
        let account = report.account
        name = account.reference
        state = account.status.badge
        reason = report.reason
        reasonTone = (account.status == .blocked ? Tone.bad : .warning).rawValue
        figures = Figures(items: [
            .init(
                title: "Domains", value: Format.count(totals.domains), note: totals.suspended > 0 ? "\(totals.suspended) suspended" : nil),
            .init(title: "Sent today", value: Format.count(outbound.quota.sentToday)),
            .init(title: "Sent this month", value: Format.count(outbound.quota.sentThisMonth)),
        ])
        quota = AccountQuotaView(
            outbound, action: request.may(.accountsLimits) ? request.link("/dashboard/accounts/\(account.id)/limits") : nil)
        bounces = .bounces(report.window.counts, reputation)
        complaints = .complaints(report.window.counts, reputation)
        since =
            "\(report.window.isReviewed ? "Since the last review" : "The last \(Reputation.days) days"), from \(Format.time(report.window.since))."
        chart = sent.map { .sent($0) }
        places = [
            Link(text: "Overview", href: account.link("/dashboard")), Link(text: "Domains", href: account.link("/dashboard/domains")),
            Link(text: "Keys", href: account.link("/dashboard/keys")),
        ]
        action = request.link("/dashboard/accounts/\(account.id)/review")
        choices = ReviewDecision.allCases.map { $0.choice(isChosen: $0 == .keep) }
        reviews = report.reviews.map {
            Review(decision: $0.decision.rawValue.asTitle, at: Format.time($0.at), before: $0.status.badge.text.lowercased(), note: $0.note)
        }
        hasReviews = !reviews.isEmpty
        tenants = report.tenants.map(TenantView.init)
        hasTenants = !tenants.isEmpty
    }
}

/// What Amazon SES says of a tenant.
struct TenantView: Sendable {
    let name: String
    let subject: String
    let state: Badge
    let explanation: String
    let checked: String

    init(_ named: NamedTenant) {
        let tenant = named.tenant
        name = tenant.name
        subject = named.domain?.description ?? "The account"
        state =
            switch tenant.verdict?.status {
            case .enabled: Badge("Sends", .good)
            case .reinstated: Badge("Reinstated", .warning)
            case .disabled: Badge("Paused", .bad)
            case nil: Badge("Not asked yet", .neutral)
            }
        explanation = tenant.verdict?.explanation ?? ""
        checked = tenant.checkedAt.map(Format.time) ?? ""
    }
}

extension ReviewDecision {
    fileprivate func choice(isChosen: Bool) -> AccountModel.Choice {
        let (text, hint) =
            switch self {
            case .lift: ("Lift", "It goes on in a fresh window, judged by what it sends from now on.")
            case .keep: ("Keep", "It stays as it is; the note is kept.")
            case .block: ("Block", "Nothing of it is sent: for a breach of the acceptable use policy.")
            }
        return AccountModel.Choice(value: rawValue, text: text, hint: hint, isChosen: isChosen)
    }
}

extension Gauge {
    static func bounces(_ counts: ReputationCounts, _ reputation: Reputation) -> Gauge {
        Gauge(
            "Bounce rate", counts.bounceRate, warning: reputation.bounces.warning, limit: reputation.bounces.block,
            legend: "Warning at \(reputation.bounces.warning) %, blocked at \(reputation.bounces.block) %.")
    }

    static func complaints(_ counts: ReputationCounts, _ reputation: Reputation) -> Gauge {
        Gauge(
            "Complaint rate", counts.complaintRate, warning: reputation.complaints.warning, limit: reputation.complaints.block,
            legend: "Warning at \(reputation.complaints.warning) %, blocked at \(reputation.complaints.block) %.")
    }
}

extension ReviewsModel.Domain {
    fileprivate init(_ claim: DomainService.Claim, _ request: DashboardRequest) {
        let domain = claim.domain
        name = domain.name.description
        account = claim.account.reference
        href = claim.account.link("/dashboard/domains/\(domain.name)")
        since = Format.time(domain.ownership.claimedAt ?? domain.createdAt)
        approve = request.may(.domainsApprove) ? .approving(domain, claim.account, request) : nil
    }
}

/// The accounts and the domains that wait for the operator.
struct ReviewsModel: Sendable {
    /// A name that two accounts have proven, or that was given up while it was suspended.
    struct Domain: Sendable {
        let name: String
        let href: String
        let account: String
        let since: String
        let approve: Confirmation?
    }

    struct Row: Sendable {
        let account: AccountsModel.Row
        let reason: String
        let bounceRate: String
        let complaintRate: String
        let sent: String
    }

    let rows: [Row]
    let hasRows: Bool
    let domains: [Domain]
    let hasDomains: Bool
    let empty: EmptyState?

    init(_ found: [(AccountSummary, ReputationReport)], _ claims: [DomainService.Claim], _ request: DashboardRequest) {
        domains = claims.map { Domain($0, request) }
        hasDomains = !claims.isEmpty
        rows = found.map { summary, report in
            Row(
                account: AccountsModel.Row(summary), reason: report.reason ?? "",
                bounceRate: Format.percent(report.window.counts.bounceRate),
                complaintRate: Format.percent(report.window.counts.complaintRate), sent: Format.count(report.window.counts.sent))
        }
        hasRows = !rows.isEmpty
        empty =
            hasRows || hasDomains
            ? nil
            : EmptyState(
                title: "Nobody waits",
                hint:
                    "Accounts whose bounces or complaints reach a threshold come here, and domains of which it is to be decided whose they are."
            )
    }
}
