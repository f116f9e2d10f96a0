import MailModel
import Reports
import Storage

/// How things stand: first what somebody should do something about.
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

    let notices: [Notice]
    let hasNotices: Bool
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
    /// There is something to show in charts.
    let hasDomains: Bool

    init(_ now: OverviewData, _ figures: Figures, _ report: EmailReport?, _ reputation: Reputation, _ visit: DashboardRequest) {
        notices = Self.notices(now, visit)
        hasNotices = !notices.isEmpty
        self.figures = figures
        live = visit.link("/dashboard/live")
        hasDomains = now.totals.domains > 0
        sent = report.map { .sent($0) }
        bounces = report.map { .rate(.bounceRate, "Bounce rate", $0, thresholds: reputation.bounces) }
        complaints = report.map { .rate(.complaintRate, "Complaint rate", $0, thresholds: reputation.complaints) }
        gauges = now.reputation.map { [.bounces($0.window.counts, reputation), .complaints($0.window.counts, reputation)] } ?? []
        hasGauges = !gauges.isEmpty
        fills = now.fullest.map { domain in
            Fill(
                name: domain.name.description, href: visit.link("/dashboard/domains/\(domain.name)"),
                quota: Quota(nil, domain.counters.sentToday, of: domain.outbound.dailyLimit))
        }
        hasFills = !fills.isEmpty
        empty = hasDomains ? nil : Self.empty(visit)
    }

    private static func empty(_ visit: DashboardRequest) -> EmptyState {
        EmptyState(
            title: "Nothing is sent yet",
            hint: "Mail is sent from domains of your own. Create the first, and put its records into the DNS.",
            action: visit.allows(.manage) ? Link(text: "Create a domain", href: visit.link("/dashboard/domains")) : nil)
    }
}

extension OverviewModel {
    private static func notices(_ now: OverviewData, _ visit: DashboardRequest) -> [Notice] {
        ownStanding(now, visit) + reviews(now, visit) + suspensions(now, visit) + quotas(now, visit) + verifications(now, visit)
    }

    private static func ownStanding(_ now: OverviewData, _ visit: DashboardRequest) -> [Notice] {
        guard let report = now.reputation, report.account.status != .ok else { return [] }
        let isBlocked = report.account.status == .blocked
        let words = isBlocked ? "The account is blocked, and nothing of it is sent" : "The account is warned"
        let link = visit.principal.isMaster ? Link(text: "Review", href: "/dashboard/accounts/\(report.account.id)") : nil
        return [Notice(tone: tone(isBlocked), text: "\(words): \(report.reason ?? "no reason is known").", link: link)]
    }

    private static func reviews(_ now: OverviewData, _ visit: DashboardRequest) -> [Notice] {
        now.reviews.prefix(OverviewData.most).map { account in
            let isBlocked = account.status == .blocked
            return Notice(
                tone: tone(isBlocked),
                text: "The account \(account.reference) is \(isBlocked ? "blocked and waits for your review" : "warned").",
                link: Link(text: "Review \(account.reference)", href: "/dashboard/accounts/\(account.id)"))
        }
    }

    private static func suspensions(_ now: OverviewData, _ visit: DashboardRequest) -> [Notice] {
        let named = now.suspended.map { domain in
            Notice(
                tone: Tone.bad.rawValue, text: "\(domain.name) is suspended: \(domain.outbound.suspendedReason ?? "no reason is known").",
                link: Link(text: "Look at \(domain.name)", href: visit.link("/dashboard/domains/\(domain.name)")))
        }
        let rest = now.totals.suspended - Int64(named.count)
        guard rest > 0 else { return named }
        return named + [
            Notice(
                tone: Tone.bad.rawValue, text: "\(Format.count(rest)) more domains are suspended.",
                link: Link(text: "All suspended domains", href: visit.link("/dashboard/domains", ["state": "suspended"])))
        ]
    }

    private static func quotas(_ now: OverviewData, _ visit: DashboardRequest) -> [Notice] {
        now.fullest.filter { $0.counters.sentToday * 100 >= $0.outbound.dailyLimit * Quota.warningPercent }.map { domain in
            let isFull = domain.counters.sentToday >= domain.outbound.dailyLimit
            return Notice(
                tone: tone(isFull),
                text: isFull
                    ? "\(domain.name) has reached its limit of today, \(Format.count(domain.outbound.dailyLimit))."
                    : "\(domain.name) has used \(domain.counters.sentToday * 100 / domain.outbound.dailyLimit) % of its limit of today.",
                link: Link(text: "Look at \(domain.name)", href: visit.link("/dashboard/domains/\(domain.name)")))
        }
    }

    private static func verifications(_ now: OverviewData, _ visit: DashboardRequest) -> [Notice] {
        let count = now.totals.unverified
        guard count > 0 else { return [] }
        return [
            Notice(
                tone: Tone.neutral.rawValue,
                text: count == 1
                    ? "One domain is not verified: it sends nothing yet."
                    : "\(Format.count(count)) domains are not verified: they send nothing yet.",
                link: Link(text: "Unverified domains", href: visit.link("/dashboard/domains", ["state": "unverified"])))
        ]
    }

    private static func tone(_ isBad: Bool) -> String {
        (isBad ? Tone.bad : .warning).rawValue
    }
}
