import AmazonSES
import MailModel
import Reports
import Storage

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
    /// Whether nothing needs anybody.
    let isCalm: Bool
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

    /// - Parameter report: of the last 60 days.
    init(
        _ data: Overview, _ figures: Figures, _ report: EmailReport?, _ reputation: Reputation, sesQuota: SendQuota?,
        _ request: DashboardRequest
    ) {
        notices = OverviewAlerts(data, sesQuota: sesQuota, request).notices
        isCalm = notices.isEmpty
        told = data.notices.map { Told($0, request) }
        hasTold = !told.isEmpty
        self.figures = figures
        live = request.link("/dashboard/live")
        hasDomains = data.totals.domains > 0
        sent = report.map { .sent($0, days: Int(Reputation.days)) }
        bounces = report.map { .rolling(.bounceRate, "Bounce rate", $0, thresholds: reputation.bounces) }
        complaints = report.map { .rolling(.complaintRate, "Complaint rate", $0, thresholds: reputation.complaints) }
        gauges = data.reputation.map { [.bounces($0.window.counts, reputation), .complaints($0.window.counts, reputation)] } ?? []
        hasGauges = !gauges.isEmpty
        fills = data.fullestToday.map { domain in
            Fill(
                name: domain.name.description, href: request.link("/dashboard/domains/\(domain.name)"),
                quota: Quota(nil, domain.counters.sentToday, of: domain.outbound.dailyLimit))
        }
        hasFills = !fills.isEmpty
        empty = hasDomains ? nil : Self.empty(request)
    }

    private static func empty(_ request: DashboardRequest) -> EmptyState {
        EmptyState(
            title: "No domains yet",
            hint: "Emails are sent from domains of your own. Create the first, and add its records to the DNS.",
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
