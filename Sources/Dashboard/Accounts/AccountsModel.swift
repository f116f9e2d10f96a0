import Encoding
import MailModel
import Storage
import Web

/// The list of accounts.
struct AccountsModel: Sendable {
    struct Row: Sendable {
        let name: String
        let href: String
        let state: Badge
        let domains: String
        let domainsHref: String
        let since: String
    }

    let rows: [Row]
    let hasRows: Bool
    let text: String
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    init(_ found: [AccountSummary], text: String?, after: Int64?, _ request: DashboardRequest, pageSize: Int) {
        rows = found.prefix(pageSize).map(Row.init)
        hasRows = !rows.isEmpty
        self.text = text ?? ""
        csvHref = request.link(ExportPages.accounts, ["q": text])
        empty = hasRows ? nil : Self.empty(isFiltered: text != nil)
        pager = Pager(found, size: pageSize, isFirst: after == nil) { last in
            request.link("/dashboard/accounts", ["q": text, "after": last.map { String($0.account.id) }])
        }?.turned(by: request)
    }

    private static func empty(isFiltered: Bool) -> EmptyState {
        isFiltered
            ? EmptyState(title: "No accounts match", hint: "Accounts are found by the beginning of their name, in the same case.")
            : EmptyState(
                title: "No accounts yet", hint: "An account is made with its first key, or its first domain.",
                action: Link(text: "Create a key", href: "/dashboard/keys"))
    }
}

extension AccountsModel.Row {
    init(_ summary: AccountSummary) {
        let account = summary.account
        name = account.reference
        href = "/dashboard/accounts/\(account.id)"
        state = account.status.badge
        domains = summary.domains.isEmpty ? "None" : summary.domains.joined(separator: ", ") + (summary.hasMoreDomains ? " and more" : "")
        domainsHref = account.link("/dashboard/domains")
        since = Format.time(account.createdAt)
    }
}

extension Account {
    /// Returns the path of a page about this account alone, for the operator.
    func link(_ path: String) -> String {
        "\(path)?\(DashboardRequest.accountParameter)=\(PercentEncoding.encode(reference))"
    }
}

extension Account.Status {
    var badge: Badge {
        switch self {
        case .ok: Badge("In order", .good)
        case .warning: Badge("Warned", .warning)
        case .blocked: Badge("Blocked", .bad)
        }
    }
}
