import MailModel
import Storage

/// The list of emails.
struct EmailsModel: Sendable {
    struct Row: Sendable {
        let recipient: String
        let recipientName: String?
        /// Name and address, where the column is too narrow for them.
        let recipientTitle: String
        let href: String
        let subject: String
        let sender: String
        let senderName: String?
        let senderTitle: String
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
    let csvHref: String
    let empty: EmptyState?
    let pager: Pager?

    init(_ page: EmailPage, _ search: EmailSearchForm, _ request: DashboardRequest) {
        csvHref = Self.link(search, after: nil, to: ExportPages.emails, request)
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
            next: page.next.map { Self.link(search, after: $0, request) })?.turned(by: request)
        empty =
            rows.isEmpty && search.fields.problem == nil
            ? Self.empty(isFiltered: !search.fields.isEmpty, next: pager?.next, request) : nil
    }

    private static let moreFields = [
        (name: "toDomain", label: "Recipient's domain", type: "text"), (name: "from", label: "Sender", type: "text"),
        (name: "externalId", label: "Campaign (externalId)", type: "text"),
        (name: "clientId", label: "Recipient's id (clientId)", type: "text"), (name: "tag", label: "Tag", type: "text"),
        (name: "since", label: "From day (UTC)", type: "date"), (name: "until", label: "To day (UTC)", type: "date"),
    ]

    private static func link(_ search: EmailSearchForm, after: EmailID?, to path: String = "/dashboard/emails", _ request: DashboardRequest)
        -> String
    {
        request.link(
            path,
            [
                "to": search.fields.text("to"), "toDomain": search.fields.text("toDomain"), "status": search.fields.text("status"),
                "from": search.fields.text("from"),
                "externalId": search.fields.text("externalId"), "clientId": search.fields.text("clientId"),
                "tag": search.fields.text("tag"),
                "since": search.fields.text("since"), "until": search.fields.text("until"), "after": after?.description,
            ])
    }

    /// - Parameter next: the next page, where the search did not look at all emails.
    private static func empty(isFiltered: Bool, next: String?, _ request: DashboardRequest) -> EmptyState {
        if let next {
            return EmptyState(
                title: "No emails match among the latest",
                hint: "The search ends after some thousands of emails. There are older ones.",
                action: Link(text: "Search older emails", href: next))
        }
        return isFiltered
            ? EmptyState(
                title: "No emails match",
                hint: "Addresses and ids are compared as a whole. Clear a filter, or search other days.",
                action: Link(text: "Show all emails", href: request.link("/dashboard/emails")))
            : EmptyState(
                title: "No emails yet",
                hint: "Once a domain is verified, send the first with POST /emails; the reference has a line to paste.",
                action: Link(text: "How to send", href: "/docs#post_emails"))
    }
}

extension EmailsModel.Row {
    init(_ email: Email, showsAccount: Bool, _ request: DashboardRequest) {
        recipient = email.recipient.shown ?? "erased"
        recipientName = email.recipientName
        recipientTitle = [email.recipientName, recipient].compactMap(\.self).joined(separator: " ")
        href = request.link("/dashboard/emails/\(email.id)")
        subject = email.content.subject
        sender = email.sender.description
        senderName = email.content.fromName
        senderTitle = [email.content.fromName, sender].compactMap(\.self).joined(separator: " ")
        state = email.status.badge
        at = TimestampView(email.createdAt)
        account = showsAccount ? email.userName : nil
    }
}
