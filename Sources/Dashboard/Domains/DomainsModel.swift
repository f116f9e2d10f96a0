import MailModel
import Outbound
import Storage

/// The list of domains.
struct DomainsModel: Sendable {
    struct Row: Sendable {
        let name: String
        let href: String
        /// Its account, where the page is about all.
        let account: String?
        let state: Badge
        let daily: Quota
        let monthly: Quota
        let bounceRate: String
        let complaintRate: String
    }

    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let asksForAccount: Bool
    let mayCreate: Bool
    let action: String
    let text: String
    let states: [Choice]
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameter found: one item more than `pageSize` shows that there are more.
    init(_ found: [DomainService.FoundDomain], _ search: DomainSearch, _ request: DashboardRequest, pageSize: Int) {
        let filter = search.filter
        showsAccounts = request.showsAccounts
        rows = found.prefix(pageSize).map { [showsAccounts] in Row($0, showsAccount: showsAccounts, request) }
        hasRows = !rows.isEmpty
        asksForAccount = showsAccounts
        mayCreate = request.may(.domainsCreate)
        action = request.link("/dashboard/domains")
        csvHref = request.link(ExportPages.domains, ["q": filter.text, "state": filter.state?.rawValue])
        text = filter.text ?? ""
        states = Choice.all(or: "All states", chosen: filter.state, \.word)
        pager = Pager(found, size: pageSize, isFirst: search.after == nil) { last in
            request.link(
                "/dashboard/domains",
                ["q": filter.text, "state": filter.state?.rawValue, "after": last.map { String($0.domain.id) }])
        }?.turned(by: request)
        empty = rows.isEmpty ? Self.empty(isFiltered: filter != DomainFilter()) : nil
    }

    private static func empty(isFiltered: Bool) -> EmptyState {
        isFiltered
            ? EmptyState(title: "No domains match", hint: "Search for a part of the name, or in all states.")
            : EmptyState(
                title: "No domains yet",
                hint: "Create the domain of your senders' addresses. Its page then shows the records for its DNS.")
    }
}

extension DomainsModel.Row {
    fileprivate init(_ found: DomainService.FoundDomain, showsAccount: Bool, _ request: DashboardRequest) {
        let domain = found.domain
        let counters = domain.counters
        name = domain.name.description
        // Where several accounts claim a name, the operator's page is about one of them.
        href = request.link(
            "/dashboard/domains/\(domain.name)",
            [DashboardRequest.accountParameter: showsAccount && !domain.ownership.isProven ? found.account : nil])
        account = showsAccount ? found.account : nil
        state = domain.badge
        daily = Quota(nil, counters.sentToday, of: domain.outbound.dailyLimit)
        monthly = Quota(nil, counters.sentThisMonth, of: domain.outbound.monthlyLimit)
        bounceRate = Format.percent(counters.bounceRate)
        complaintRate = Format.percent(counters.complaintRate)
    }
}

extension DomainFilter.State {
    fileprivate var word: String {
        switch self {
        case .active: "Active"
        case .suspended: "Suspended"
        case .unverified: "Not verified"
        }
    }
}

extension SendingDomain {
    /// Its state in a word.
    var badge: Badge {
        if outbound.status == .suspended { return Badge("Suspended", .bad) }
        if accountStatus == .blocked { return Badge("Account blocked", .bad) }
        if ownership.state == .review { return Badge("In review", .warning) }
        return verification.isVerified ? Badge("Active", .good) : Badge("Not verified", .warning)
    }
}
