import MailModel

/// The list of campaigns.
struct CampaignsModel: Sendable {
    struct Row: Sendable {
        let name: String
        let href: String
        let account: String?
        let sent: String
        let delivered: String
        let opened: String
        let clicked: String
        let bounced: String
        let at: TimestampView
    }

    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameter found: one item more than `pageSize` shows that there are more.
    init(_ found: [Campaign], isFirst: Bool, _ request: DashboardRequest, pageSize: Int) {
        let path = "/dashboard/campaigns"
        csvHref = request.link(ExportPages.campaigns)
        showsAccounts = request.showsAccounts
        rows = found.prefix(pageSize).map { [showsAccounts] in Row($0, showsAccount: showsAccounts, request) }
        hasRows = !rows.isEmpty
        pager = Pager(found, size: pageSize, isFirst: isFirst) { last in
            request.link(path, ["after": last.map { String($0.id) }])
        }?.turned(by: request)
        empty =
            rows.isEmpty
            ? EmptyState(
                title: "No campaigns yet",
                hint: "Give the emails of a campaign the same externalId: they are counted together here, from the first on.",
                action: Link(text: "How to send", href: "/docs#post_emails")) : nil
    }
}

extension CampaignsModel.Row {
    fileprivate init(_ campaign: Campaign, showsAccount: Bool, _ request: DashboardRequest) {
        let totals = campaign.totals
        name = campaign.externalID
        href = request.campaign(campaign.externalID, of: showsAccount ? campaign.userName : nil)
        account = showsAccount ? campaign.userName : nil
        sent = Format.count(totals[.sent])
        delivered = Format.percent(ReportRate.deliveryRate.of(totals))
        opened = Format.percent(ReportRate.openRate.of(totals))
        clicked = Format.percent(ReportRate.clickRate.of(totals))
        bounced = Format.percent(ReportRate.bounceRate.of(totals))
        at = TimestampView(campaign.createdAt)
    }
}
