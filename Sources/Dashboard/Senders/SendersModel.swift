import Encoding
import MailModel
import Web

/// The list of senders.
struct SendersModel: Sendable {
    struct Row: Sendable {
        let address: String
        let state: Badge
        let hint: String
        let at: TimestampView
        let account: String?
        let approval: String?
        let removal: String?
    }

    let action: String
    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let mayChange: Bool
    let hint: String
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    /// - Parameters:
    ///   - found: one item more than `pageSize` shows that there are more.
    ///   - accounts: references by id, where the page is about all.
    init(_ found: [Sender], _ accounts: [Int64: String], isFirst: Bool, _ request: DashboardRequest, pageSize: Int) {
        let path = "/dashboard/senders"
        action = request.link(path)
        csvHref = request.link(ExportPages.senders)
        showsAccounts = request.showsAccounts
        // A sender that the operator requests belongs to the account `default`.
        mayChange = request.may(.sendersManage) && request.chosenAccount == nil
        hint =
            request.principal.accountID == nil
            ? "It will belong to the account default. Customers ask with their own key."
            : "Amazon SES mails a link to it; once it is followed, you can write from the address."
        rows = found.prefix(pageSize).map { Row($0, account: accounts[$0.accountID], request) }
        hasRows = !rows.isEmpty
        pager = Pager(found, size: pageSize, isFirst: isFirst) { last in
            request.link(path, ["after": last?.address.description])
        }?.turned(by: request)
        empty =
            rows.isEmpty
            ? EmptyState(
                title: "No single senders",
                hint: "Addresses of verified domains need none. Ask for one where the domain is not yours, such as that of a partner.")
            : nil
    }
}

extension SendersModel.Row {
    fileprivate init(_ sender: Sender, account: String?, _ request: DashboardRequest) {
        let path = "/dashboard/senders/\(PercentEncoding.encode(sender.address.description))"
        address = sender.address.description
        (state, hint) = sender.status.words
        at = TimestampView(sender.createdAt)
        self.account = account
        approval = request.may(.sendersApprove) && sender.status == .requested ? request.link(path + "/approve") : nil
        removal = request.may(.sendersManage) ? request.link(path + "/delete") : nil
    }
}

extension Sender.Status {
    fileprivate var words: (state: Badge, hint: String) {
        switch self {
        case .requested: (Badge("Waits for approval", .warning), "The operator decides.")
        case .pending: (Badge("Waits for its link", .warning), "SES has mailed a link; it is good for a day.")
        case .verified: (Badge("Verified", .good), "You can write from it.")
        case .failed: (Badge("Not verified", .bad), "The link was not followed in time. Ask again.")
        }
    }
}
