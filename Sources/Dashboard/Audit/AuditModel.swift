import Audit
import MailModel

/// The list of changes.
struct AuditModel: Sendable {
    struct Change: Sendable {
        let name: String
        let before: String?
        let after: String?
    }

    struct Row: Sendable {
        let at: TimestampView
        let actor: String
        /// The list of the actor's changes.
        let actorHref: String
        let address: String?
        let action: String
        /// With the list of what was changed about the same.
        let target: Link?
        /// The target, where there is no such list.
        let plainTarget: String?
        let changes: [Change]
        /// Its account, where the page is about all.
        let account: String?
    }

    let path = AuditPages.path
    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let actor: String
    let target: String
    let since: String
    let until: String
    let actions: [Choice]
    /// The account that the operator has chosen.
    let only: String?
    let problem: String?
    let clear: String?
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameter found: one item more than `pageSize` shows that there are more.
    init(_ found: [AuditEntry], _ search: AuditSearchForm, _ request: DashboardRequest, pageSize: Int) {
        showsAccounts = request.showsAccounts
        rows = found.prefix(pageSize).map { [showsAccounts] in Row($0, showsAccount: showsAccounts, request) }
        hasRows = !rows.isEmpty
        (actor, target) = (search.fields.text("actor"), search.fields.text("target"))
        (since, until) = (search.fields.text("since"), search.fields.text("until"))
        actions = Self.actions(chosen: search.fields.text("action"))
        only = request.chosenAccount
        problem = search.fields.problem
        clear = search.fields.isEmpty ? nil : request.link(AuditPages.path)
        csvHref = search.link(AuditPages.path + ".csv", request)
        pager = Pager(found, size: pageSize, isFirst: search.after == nil) { search.link(AuditPages.path, after: $0?.id, request) }?.turned(
            by: request)
        empty = rows.isEmpty && search.fields.problem == nil ? Self.empty(isFiltered: !search.fields.isEmpty) : nil
    }

    /// All actions, each subject before its own.
    private static func actions(chosen: String) -> [Choice] {
        let words = AuditAction.subjects.flatMap { subject in
            [subject] + AuditAction.allCases.filter { $0.subject == subject }.map(\.rawValue)
        }
        return [Choice(value: "", text: "Any action", isChosen: chosen.isEmpty)]
            + words.map { Choice(value: $0, text: $0.contains(".") ? $0 : "\($0): all", isChosen: $0 == chosen) }
    }

    private static func empty(isFiltered: Bool) -> EmptyState {
        isFiltered
            ? EmptyState(title: "No change is like that", hint: "Names are compared as a whole. Take a filter away, or look at other days.")
            : EmptyState(
                title: "Nothing was changed yet", hint: "Every change by API, dashboard and command line is listed here, with who made it.")
    }
}

extension AuditModel.Row {
    fileprivate init(_ entry: AuditEntry, showsAccount: Bool, _ request: DashboardRequest) {
        at = TimestampView(entry.at)
        actor = entry.actor.id.map { "\(entry.actor.name) (\(entry.actor.kind.rawValue):\($0))" } ?? entry.actor.name
        let kind = entry.actor.kind.rawValue
        actorHref = request.link(AuditPages.path, ["actor": entry.actor.id.map { "\(kind):\($0)" } ?? kind])
        address = entry.actor.address
        action = entry.action
        target = AuditTarget(entry.target).map { _ in
            Link(text: Self.shown(entry), href: request.link(AuditPages.path, ["target": entry.target]))
        }
        plainTarget = target == nil ? entry.target : nil
        let names = Set(entry.before.keys).union(entry.after.keys).filter { name in
            (entry.before[name] ?? AuditValue.null) != AuditValue.null || (entry.after[name] ?? AuditValue.null) != AuditValue.null
        }
        changes = names.sorted().map { name in
            AuditModel.Change(name: name, before: entry.before[name]?.shown, after: entry.after[name]?.shown)
        }
        account = showsAccount ? entry.accountReference ?? "—" : nil
    }

    /// The target; for a recipient, whose name is a hash, the masked address.
    private static func shown(_ entry: AuditEntry) -> String {
        guard entry.target.hasPrefix("recipient:"), let address = entry.after["address"] ?? entry.before["address"] else {
            return entry.target
        }
        return "recipient:\(address.shown)"
    }
}
