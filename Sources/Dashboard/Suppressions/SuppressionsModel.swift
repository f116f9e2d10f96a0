import MailModel

/// The list of suppressed addresses.
struct SuppressionsModel: Sendable {
    struct Row: Sendable {
        let id: Int64
        let address: String
        let reason: Badge
        let scope: String
        let note: String?
        let at: TimestampView
        let account: String?
        /// The path of the form that removes it.
        let removal: String?
    }

    let action: String
    let importAction: String
    let bulkAction: String
    let export: String
    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let showsRemoval: Bool
    let mayChange: Bool
    let asksForAccount: Bool
    let hasFilter: Bool
    let address: String
    let reasons: [Choice]
    let only: String?
    let problem: String?
    let chooser: AccountChooser?
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameter found: one item more than `pageSize` shows that there are more.
    init(_ found: [Suppression], _ search: SuppressionSearch, _ request: DashboardRequest, pageSize: Int) {
        let path = "/dashboard/suppressions"
        let filter = search.filter
        (action, importAction) = (request.link(path), request.link(path + "/import"))
        bulkAction = request.link(path + "/remove")
        export = request.link(path + "/export", ["address": search.address, "reason": filter.reason?.rawValue])
        (mayChange, showsRemoval) = (request.may(.suppressionsAdd), request.may(.suppressionsLift))
        asksForAccount = request.account == nil
        showsAccounts = request.showsAccounts
        rows = found.prefix(pageSize).map { [showsAccounts, mayChange] in
            Row($0, showsAccount: showsAccounts, mayChange: mayChange, request)
        }
        hasRows = !rows.isEmpty
        hasFilter = request.account != nil
        address = search.address
        reasons = Choice.all(or: "Any reason", chosen: filter.reason, \.word)
        only = request.chosenAccount
        problem = search.problem
        chooser = AccountChooser(request, path, hint: "Every account has its own list. These are the newest entries of all.")
        let isFiltered = !search.address.isEmpty || filter.reason != nil
        pager = Pager(found, size: pageSize, isFirst: search.after == nil) { last in
            request.link(path, ["address": search.address, "reason": filter.reason?.rawValue, "after": last.map { String($0.id) }])
        }?.turned(by: request)
        empty = rows.isEmpty && search.problem == nil ? Self.empty(isFiltered: isFiltered) : nil
    }

    private static func empty(isFiltered: Bool) -> EmptyState {
        isFiltered
            ? EmptyState(
                title: "No entries match", hint: "The address is compared as a whole; it may be mailed unless it is on the list.")
            : EmptyState(
                title: "No suppressed addresses",
                hint:
                    "Hard bounces, complaints and unsubscribes are added automatically. Import the list of your former provider: paste it below."
            )
    }
}

extension SuppressionsModel.Row {
    fileprivate init(_ suppression: Suppression, showsAccount: Bool, mayChange: Bool, _ request: DashboardRequest) {
        id = suppression.id
        address = suppression.entry.address.shown ?? "erased (kept as a hash)"
        reason = suppression.entry.reason.badge
        scope = suppression.entry.sender.map { "\($0)" } ?? "All senders"
        note = suppression.entry.note
        at = TimestampView(suppression.createdAt)
        account = showsAccount ? suppression.userName : nil
        removal = mayChange ? request.link("/dashboard/suppressions/\(suppression.id)/delete") : nil
    }
}

extension SuppressionReason {
    var badge: Badge { Badge(word, self == .manual ? .neutral : .warning) }

    fileprivate var word: String {
        switch self {
        case .hardBounce: "Hard bounce"
        case .softBounce: "Soft bounces"
        case .complaint: "Complaint"
        case .unsubscribe: "Unsubscribed"
        case .manual: "Manual"
        }
    }
}
