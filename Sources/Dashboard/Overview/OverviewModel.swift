import MailModel
import Reports
import Storage

/// The data of the overview, from one snapshot.
struct OverviewData: Sendable {
    let totals: DomainTotals
    let suspended: [SendingDomain]
    let fullest: [SendingDomain]
    /// The reputation of the account, where the page is about one.
    let reputation: ReputationReport?
    /// The accounts that wait for a review, where the page is about all.
    let reviews: [Account]
    /// The domains of which the operator has to decide whose they are, where the page is about all.
    let claims: [SendingDomain]
    /// The latest notices.
    let notices: [StoredNotice]

    /// How many of each are named.
    static let most = 5
    private static let mostNotices = 10

    /// - Parameter account: `nil` for all.
    init(of account: Account?, in tx: some ReadableTransaction) throws {
        totals = try tx.domains.totals(of: account?.id)
        suspended = try tx.domains.listSuspended(of: account?.id, limit: Self.most)
        fullest = try tx.domains.listFullest(of: account?.id, limit: Self.most)
        notices = try tx.notices.list(of: account?.id, limit: Self.mostNotices)
        reputation = try account.map { try tx.reputation.report(of: $0) }
        claims = try account == nil ? tx.domains.listInReview(limit: Self.most) : []
        reviews =
            account != nil
            ? []
            : try [Account.Status.blocked, .warning].flatMap {
                try tx.accounts.listSummaries($0, after: nil, limit: Self.most).map(\.account)
            }
    }
}

/// The overview: first what needs attention, then figures and charts.
struct OverviewModel: Sendable {
    struct Notice: Sendable {
        let tone: String
        let text: String
        let link: Link?
    }

    struct Fill: Sendable {
        let name: String
        let href: String
        let quota: Quota
    }

    /// A notice that the account was told.
    struct Told: Sendable {
        let at: TimestampView
        let event: String
        let text: String
        /// The account, where the page is about all.
        let account: Link?
    }

    let notices: [Notice]
    let hasNotices: Bool
    let told: [Told]
    let hasTold: Bool
    let figures: Figures
    let live: String
    let sent: Chart?
    let bounces: Chart?
    let complaints: Chart?
    let gauges: [Gauge]
    let hasGauges: Bool
    let fills: [Fill]
    let hasFills: Bool
    let empty: EmptyState?
    /// Whether there is data for charts.
    let hasDomains: Bool

    init(_ data: OverviewData, _ figures: Figures, _ report: EmailReport?, _ reputation: Reputation, _ request: DashboardRequest) {
        notices = Self.notices(data, request)
        hasNotices = !notices.isEmpty
        told = data.notices.map { Told($0, request) }
        hasTold = !told.isEmpty
        self.figures = figures
        live = request.link("/dashboard/live")
        hasDomains = data.totals.domains > 0
        sent = report.map { .sent($0) }
        bounces = report.map { .rate(.bounceRate, "Bounce rate", $0, thresholds: reputation.bounces) }
        complaints = report.map { .rate(.complaintRate, "Complaint rate", $0, thresholds: reputation.complaints) }
        gauges = data.reputation.map { [.bounces($0.window.counts, reputation), .complaints($0.window.counts, reputation)] } ?? []
        hasGauges = !gauges.isEmpty
        fills = data.fullest.map { domain in
            Fill(
                name: domain.name.description, href: request.link("/dashboard/domains/\(domain.name)"),
                quota: Quota(nil, domain.counters.sentToday, of: domain.outbound.dailyLimit))
        }
        hasFills = !fills.isEmpty
        empty = hasDomains ? nil : Self.empty(request)
    }

    private static func empty(_ request: DashboardRequest) -> EmptyState {
        EmptyState(
            title: "Nothing is sent yet",
            hint: "Mail is sent from domains of your own. Create the first, and put its records into the DNS.",
            action: request.may(.domainsCreate) ? Link(text: "Create a domain", href: request.link("/dashboard/domains")) : nil)
    }
}

extension OverviewModel.Told {
    init(_ stored: StoredNotice, _ request: DashboardRequest) {
        at = TimestampView(stored.at)
        event = stored.notice.event.rawValue
        text = stored.notice.explanation
        account = request.account == nil ? Link(text: stored.accountReference, href: "/dashboard/accounts/\(stored.accountID)") : nil
    }
}

extension OverviewModel {
    private static func notices(_ data: OverviewData, _ request: DashboardRequest) -> [Notice] {
        ownReputation(data, request) + reviews(data, request) + suspensions(data, request) + quotas(data, request)
            + verifications(data, request)
    }

    private static func ownReputation(_ data: OverviewData, _ request: DashboardRequest) -> [Notice] {
        guard let report = data.reputation, report.account.status != .ok else { return [] }
        let isBlocked = report.account.status == .blocked
        let words = isBlocked ? "The account is blocked, and nothing of it is sent" : "The account is warned"
        let link = request.may(.accountsReview) ? Link(text: "Review", href: "/dashboard/accounts/\(report.account.id)") : nil
        return [Notice(tone: tone(isBlocked), text: "\(words): \(report.reason ?? "no reason is known").", link: link)]
    }

    private static func reviews(_ data: OverviewData, _ request: DashboardRequest) -> [Notice] {
        data.reviews.prefix(OverviewData.most).map { account in
            let isBlocked = account.status == .blocked
            return Notice(
                tone: tone(isBlocked),
                text: "The account \(account.reference) is \(isBlocked ? "blocked and waits for your review" : "warned").",
                link: Link(text: "Review \(account.reference)", href: "/dashboard/accounts/\(account.id)"))
        }
            + data.claims.map { domain in
                Notice(
                    tone: Tone.warning.rawValue, text: "Decide whose \(domain.name) is.",
                    link: Link(text: "Review queue", href: "/dashboard/reviews"))
            }
    }

    private static func suspensions(_ data: OverviewData, _ request: DashboardRequest) -> [Notice] {
        let named = data.suspended.map { domain in
            Notice(
                tone: Tone.bad.rawValue, text: "\(domain.name) is suspended: \(domain.outbound.suspendedReason ?? "no reason is known").",
                link: Link(text: "Look at \(domain.name)", href: request.link("/dashboard/domains/\(domain.name)")))
        }
        let rest = data.totals.suspended - Int64(named.count)
        guard rest > 0 else { return named }
        return named + [
            Notice(
                tone: Tone.bad.rawValue, text: "\(Format.count(rest)) more domains are suspended.",
                link: Link(text: "All suspended domains", href: request.link("/dashboard/domains", ["state": "suspended"])))
        ]
    }

    private static func quotas(_ data: OverviewData, _ request: DashboardRequest) -> [Notice] {
        data.fullest.filter { $0.counters.sentToday * 100 >= $0.outbound.dailyLimit * Quota.warningPercent }.map { domain in
            let isFull = domain.counters.sentToday >= domain.outbound.dailyLimit
            return Notice(
                tone: tone(isFull),
                text: isFull
                    ? "\(domain.name) has reached its limit of today, \(Format.count(domain.outbound.dailyLimit))."
                    : "\(domain.name) has used \(domain.counters.sentToday * 100 / domain.outbound.dailyLimit) % of its limit of today.",
                link: Link(text: "Look at \(domain.name)", href: request.link("/dashboard/domains/\(domain.name)")))
        }
    }

    private static func verifications(_ data: OverviewData, _ request: DashboardRequest) -> [Notice] {
        let count = data.totals.unverified
        guard count > 0 else { return [] }
        return [
            Notice(
                tone: Tone.neutral.rawValue,
                text: count == 1
                    ? "One domain is not verified: it sends nothing yet."
                    : "\(Format.count(count)) domains are not verified: they send nothing yet.",
                link: Link(text: "Unverified domains", href: request.link("/dashboard/domains", ["state": "unverified"])))
        ]
    }

    private static func tone(_ isBad: Bool) -> String {
        (isBad ? Tone.bad : .warning).rawValue
    }
}
