import MailModel

/// The navigation beside every page.
struct Navigation {
    struct Entry {
        let title: String
        let path: String
        /// That of its page.
        let action: Action
    }

    /// In the order of the page.
    ///
    /// An entry is shown to those who may use its page.
    static let groups: [(title: String, entries: [Entry])] = [
        (
            "Sending",
            [
                Entry(title: "Overview", path: "/dashboard", action: .dashboardOpen),
                Entry(title: "Domains", path: "/dashboard/domains", action: .domainsRead),
            ]
        ),
        (
            "Emails",
            [
                Entry(title: "Emails", path: "/dashboard/emails", action: .emailsRead),
                Entry(title: "Refused sends", path: "/dashboard/refusals", action: .emailsRead),
                Entry(title: "Campaigns", path: "/dashboard/campaigns", action: .reportsRead),
                Entry(title: "Suppressions", path: "/dashboard/suppressions", action: .suppressionsRead),
                Entry(title: "Senders", path: "/dashboard/senders", action: .sendersRead),
                Entry(title: "Callbacks", path: "/dashboard/callbacks", action: .callbacksRead),
            ]
        ),
        (
            "Customers",
            [
                Entry(title: "Accounts", path: "/dashboard/accounts", action: .accountsRead),
                Entry(title: "Review queue", path: "/dashboard/reviews", action: .accountsRead),
                Entry(title: "API keys", path: "/dashboard/keys", action: .keysRead),
                Entry(title: "Billing", path: "/dashboard/billing", action: .billingRead),
            ]
        ),
        ("Records", [Entry(title: "Audit log", path: "/dashboard/audit", action: .auditRead)]),
    ]
}

extension Navigation {
    /// A group as the template of the layout names its members.
    struct Group {
        let title: String
        let items: [Item]
    }

    struct Item {
        let title: String
        let href: String
        /// Whether the present page is this one, or below it.
        let isCurrent: Bool
    }

    static func shown(to request: DashboardRequest) -> [Group] {
        let path = request.path
        return groups.compactMap { group in
            let entries = group.entries.filter { request.may($0.action) }
            guard !entries.isEmpty else { return nil }
            return Group(
                title: group.title,
                items: entries.map { Item(title: $0.title, href: request.link($0.path), isCurrent: isCurrent($0.path, at: path)) })
        }
    }

    private static func isCurrent(_ entry: String, at path: String) -> Bool {
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        return path == entry || (entry != "/dashboard" && path.hasPrefix(entry + "/"))
    }
}
