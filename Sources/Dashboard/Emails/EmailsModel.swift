import MailModel
import Storage

/// The list of emails.
struct EmailsModel: Sendable {
    struct Row: Sendable {
        let recipient: String
        let recipientName: String?
        let href: String
        let subject: String
        let sender: String
        let senderName: String?
        let state: Badge
        let at: TimestampView
        /// Its account, where the page is about all.
        let account: String?
    }

    struct Field: Sendable {
        let name: String
        let label: String
        let type: String
        let text: String
    }

    let action = "/dashboard/emails"
    let rows: [Row]
    let hasRows: Bool
    let showsAccounts: Bool
    let to: String
    let statuses: [Choice]
    let more: [Field]
    let showsMore: Bool
    /// The account that the operator has chosen.
    let only: String?
    let problem: String?
    let clear: String?
    let empty: EmptyState?
    let pager: Pager?

    init(_ page: EmailPage, _ search: EmailSearchForm, _ request: DashboardRequest) {
        showsAccounts = request.showsAccounts
        rows = page.emails.map { [showsAccounts] in Row($0, showsAccount: showsAccounts, request) }
        hasRows = !rows.isEmpty
        to = search.fields.text("to")
        statuses = Choice.all(or: "Any status", chosen: search.filter.status, \.word)
        more = Self.moreFields.map { Field(name: $0.name, label: $0.label, type: $0.type, text: search.fields.text($0.name)) }
        showsMore = search.usesMore
        only = request.chosenAccount
        problem = search.fields.problem
        clear = search.fields.isEmpty ? nil : request.link("/dashboard/emails")
        pager = Pager(
            isFirst: search.after == nil, first: Self.link(search, after: nil, request),
            next: page.next.map { Self.link(search, after: $0, request) })
        empty =
            rows.isEmpty && search.fields.problem == nil
            ? Self.empty(isFiltered: !search.fields.isEmpty, next: pager?.next, request) : nil
    }

    private static let moreFields = [
        (name: "from", label: "Sender", type: "text"), (name: "externalId", label: "Campaign (externalId)", type: "text"),
        (name: "clientId", label: "Recipient's id (clientId)", type: "text"), (name: "tag", label: "Tag", type: "text"),
        (name: "since", label: "From day (UTC)", type: "date"), (name: "until", label: "To day (UTC)", type: "date"),
    ]

    private static func link(_ search: EmailSearchForm, after: EmailID?, _ request: DashboardRequest) -> String {
        request.link(
            "/dashboard/emails",
            [
                "to": search.fields.text("to"), "status": search.fields.text("status"), "from": search.fields.text("from"),
                "externalId": search.fields.text("externalId"), "clientId": search.fields.text("clientId"),
                "tag": search.fields.text("tag"),
                "since": search.fields.text("since"), "until": search.fields.text("until"), "after": after?.description,
            ])
    }

    /// - Parameter next: the next page, where the search did not look at all emails.
    private static func empty(isFiltered: Bool, next: String?, _ request: DashboardRequest) -> EmptyState {
        if let next {
            return EmptyState(
                title: "No email is like that among the latest",
                hint: "Many emails were looked at and none fits. There are older ones.",
                action: Link(text: "Look at older emails", href: next))
        }
        return isFiltered
            ? EmptyState(
                title: "No email is like that",
                hint: "Addresses and ids are compared as a whole. Take a filter away, or look at other days.",
                action: Link(text: "Show all emails", href: request.link("/dashboard/emails")))
            : EmptyState(
                title: "No emails yet",
                hint: "Once a domain is verified, send the first with POST /emails; the reference has a line to paste.",
                action: Link(text: "How to send", href: "/docs#post_emails"))
    }
}

extension EmailsModel.Row {
    fileprivate init(_ email: Email, showsAccount: Bool, _ request: DashboardRequest) {
        recipient = email.recipient.shown ?? "erased"
        recipientName = email.recipientName
        href = request.link("/dashboard/emails/\(email.id)")
        subject = email.content.subject
        sender = email.sender.description
        senderName = email.content.fromName
        state = email.status.badge
        at = TimestampView(email.createdAt)
        account = showsAccount ? email.userName : nil
    }
}
