import MailModel

/// The navigation beside every page.
struct Navigation {
    struct Entry {
        let title: String
        let path: String
        var access = Page.Access.scope(.read)
    }

    /// In the order of the page. An entry is shown to those with access to its page.
    static let groups: [(title: String, entries: [Entry])] = [
        ("Sending", [Entry(title: "Overview", path: "/dashboard"), Entry(title: "Domains", path: "/dashboard/domains")]),
        (
            "Emails",
            [
                Entry(title: "Emails", path: "/dashboard/emails"), Entry(title: "Campaigns", path: "/dashboard/campaigns"),
                Entry(title: "Suppressions", path: "/dashboard/suppressions"), Entry(title: "Senders", path: "/dashboard/senders"),
                Entry(title: "Callbacks", path: "/dashboard/callbacks"),
            ]
        ),
        (
            "Customers",
            [
                Entry(title: "Accounts", path: "/dashboard/accounts", access: .master),
                Entry(title: "Review queue", path: "/dashboard/reviews", access: .master),
                Entry(title: "API keys", path: "/dashboard/keys", access: .master),
                Entry(title: "Billing", path: "/dashboard/billing", access: .master),
            ]
        ),
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
            let entries = group.entries.filter { $0.access.admits(request.principal) }
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
