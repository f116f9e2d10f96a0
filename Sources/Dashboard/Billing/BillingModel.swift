import MailModel

/// A month's bill.
struct BillingModel: Sendable {
    struct Row: Sendable {
        let name: String
        let account: String
        let sent: String
        let limit: String
        let overage: String
        let bounceRate: String
        let complaintRate: String
    }

    let month: String
    let months: [Choice]
    let csvHref: String
    let figures: Figures
    let freezes: String?
    let rows: [Row]
    let hasRows: Bool
    let empty: EmptyState?
    let pager: Pager?

    init(_ billing: Billing, page: Int, _ request: DashboardRequest, pageSize: Int, months count: Int64) {
        let period = billing.month.description
        month = Format.month(billing.month)
        let present = request.now.month.number
        months = (0..<count).map { offset in
            let month = CalendarMonth(number: present - offset)
            return Choice(value: month.description, text: Format.month(month), isChosen: month == billing.month)
        }
        csvHref = request.link("/dashboard/billing.csv", ["period": period])
        let entries = billing.domains.filter { entry in request.account.map { $0.reference == entry.accountReference } ?? true }
        let sent = entries.reduce(0) { $0 + $1.counters.sent }
        figures = Figures(items: [
            .init(title: "Domains", value: Format.count(Int64(entries.count))),
            .init(title: "Emails", value: Format.count(sent)),
            .init(title: "Over their limits", value: Format.count(entries.reduce(0) { $0 + $1.overage })),
        ])
        freezes =
            billing.freezes.last.map { last in
                billing.freezes.count == 1
                    ? "Frozen \(Format.time(last))."
                    : "Frozen \(billing.freezes.count) times, lastly \(Format.time(last)): these are the sums."
            }
        let begin = min((page - 1) * pageSize, entries.count)
        rows = entries[begin..<min(begin + pageSize, entries.count)].map(Row.init)
        hasRows = !rows.isEmpty
        empty =
            hasRows
            ? nil
            : EmptyState(
                title: "Nothing was frozen of \(month)",
                hint: "At the end of a month the counters are frozen here, by Martlet itself at midnight UTC or by a call of reset-monthly."
            )
        let link = { (page: Int) in request.link("/dashboard/billing", ["period": period, "page": page == 1 ? nil : String(page)]) }
        pager = Pager(isFirst: page == 1, first: link(1), next: begin + pageSize < entries.count ? link(page + 1) : nil)
    }
}

extension BillingModel.Row {
    fileprivate init(_ entry: FrozenEntry) {
        name = entry.name.description
        account = entry.accountReference
        sent = Format.count(entry.counters.sent)
        limit = entry.monthlyLimit == 0 ? "none" : Format.count(entry.monthlyLimit)
        overage = entry.overage == 0 ? "" : Format.count(entry.overage)
        bounceRate = Format.percent(entry.counters.bounceRate)
        complaintRate = Format.percent(entry.counters.complaintRate)
    }
}

extension FrozenEntry {
    /// The emails over the limit, which soft enforcement allows.
    fileprivate var overage: Int64 {
        monthlyLimit > 0 ? max(0, counters.sent - monthlyLimit) : 0
    }
}
