import Hummingbird
import MailModel
import Sending
import Web

/// `/dashboard/refusals`: why emails were refused.
struct RefusalPages: Section {
    let refusals: RefusalLog

    static let path = "/dashboard/refusals"
    private static let pageSize = 50

    var pages: [Page] {
        [.get(Self.path, .emailsRead, list)]
    }

    private func list(_ request: DashboardRequest) async throws -> Response {
        let after = request.query["after"].flatMap(RefusalID.init)
        let recipient = request.query.text("to")
        let found = try await refusals.list(
            by: request.principal, of: request.account?.id, to: recipient, after: after, limit: Self.pageSize + 1)
        return request.page(
            .refusals, "Refused sends", RefusalsModel(found, to: recipient, isFirst: after == nil, request, pageSize: Self.pageSize))
    }
}

/// The list of refused sends.
struct RefusalsModel: Sendable {
    struct Row: Sendable {
        let at: TimestampView
        let code: Badge
        let explanation: String
        let recipient: String?
        let sender: String?
        let key: String
        /// Its account, where the page is about all.
        let account: String?
    }

    let action = RefusalPages.path
    let to: String
    /// The account that the operator has chosen.
    let only: String?
    let clear: String?
    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameter found: one item more than `pageSize` shows that there are more.
    init(_ found: [RefusalLog.Found], to recipient: String?, isFirst: Bool, _ request: DashboardRequest, pageSize: Int) {
        csvHref = request.link(ExportPages.refusals, ["to": recipient])
        to = recipient ?? ""
        only = request.chosenAccount
        clear = recipient == nil ? nil : request.link(RefusalPages.path)
        showsAccounts = request.showsAccounts
        rows = found.prefix(pageSize).map { [showsAccounts] in Row($0, showsAccount: showsAccounts) }
        hasRows = !rows.isEmpty
        pager = Pager(found, size: pageSize, isFirst: isFirst) {
            request.link(RefusalPages.path, ["to": recipient, "after": $0?.refusal.id.description])
        }?.turned(by: request)
        empty =
            rows.isEmpty
            ? EmptyState(
                title: recipient == nil ? "No refused sends" : "No refused sends match",
                hint: "Emails that were not accepted are kept here for seven days with the reason, the last 1,000 of an account.") : nil
    }
}

extension RefusalsModel.Row {
    init(_ found: RefusalLog.Found, showsAccount: Bool) {
        let refusal = found.refusal
        at = TimestampView(refusal.at)
        code = Badge("\(refusal.httpStatus) \(refusal.code)", .warning)
        explanation = refusal.explanation
        (recipient, sender) = (refusal.recipient, refusal.sender)
        key = refusal.keyName
        account = showsAccount ? found.userName ?? "" : nil
    }
}

extension Template {
    static let refusals = Template(PackageResources.refusals_mustache)
}
