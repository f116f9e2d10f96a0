import MailModel
import Recipients
import Sending
import Storage

/// All about one address: the emails to it, refused sends, suppressions and subscriptions.
struct AddressModel: Sendable {
    struct Entry: Sendable {
        let scope: String
        let reason: Badge
        let note: String
        let at: TimestampView
        /// Its account, where the page is about all.
        let account: String?
        let removal: String?
    }

    struct Membership: Sendable {
        let list: String
        let state: Badge
        let at: TimestampView
    }

    let address: String
    /// Whether it may be mailed, in a sentence.
    let verdict: String
    let tone: String
    let showsAccounts: Bool
    let mayLift: Bool
    let suppressions: [Entry]
    let hasSuppressions: Bool
    let subscriptions: [Membership]
    let hasSubscriptions: Bool
    let emails: [EmailsModel.Row]
    let hasEmails: Bool
    let refusals: [RefusalsModel.Row]
    let hasRefusals: Bool
    let empty: EmptyState?
    let pager: Pager?

    init(
        _ address: EmailAddress, _ known: ErasureService.Known, _ refused: [RefusalLog.Found], isFirst: Bool, _ request: DashboardRequest
    ) {
        let showsAccounts = request.showsAccounts
        self.address = address.description
        self.showsAccounts = showsAccounts
        mayLift = request.may(.suppressionsLift)
        suppressions = known.suppressions.map { Entry($0, back: request.address(address), request) }
        hasSuppressions = !suppressions.isEmpty
        subscriptions = known.subscriptions.map { Membership($0, at: known.now) }
        hasSubscriptions = !subscriptions.isEmpty
        emails = known.emails.emails.map { EmailsModel.Row($0, showsAccount: showsAccounts, request) }
        hasEmails = !emails.isEmpty
        refusals = refused.map { RefusalsModel.Row($0, showsAccount: showsAccounts) }
        hasRefusals = !refusals.isEmpty
        verdict =
            suppressions.isEmpty
            ? "It is not suppressed."
            : known.suppressions.contains { $0.entry.sender == nil }
                ? "It is suppressed: emails to it are not sent." : "It is suppressed for some senders."
        tone = (suppressions.isEmpty ? Tone.good : .warning).rawValue
        empty =
            emails.isEmpty && isFirst
            ? EmptyState(title: "No emails to this address", hint: "No email to it was accepted, or it is not kept any more.") : nil
        let path = request.address(address)
        pager = Pager(
            isFirst: isFirst, first: path,
            next: known.emails.next.map { path + (path.contains("?") ? "&" : "?") + "after=\($0)" })?.turned(by: request)
    }
}

extension AddressModel.Entry {
    fileprivate init(_ suppression: Suppression, back: String, _ request: DashboardRequest) {
        scope = suppression.entry.sender?.description ?? "All senders"
        reason = suppression.entry.reason.badge
        note = suppression.entry.note ?? ""
        at = TimestampView(suppression.createdAt)
        account = request.showsAccounts ? suppression.userName : nil
        removal = request.may(.suppressionsLift) ? request.link("/dashboard/suppressions/\(suppression.id)/delete", ["back": back]) : nil
    }
}

extension AddressModel.Membership {
    fileprivate init(_ subscription: Subscription, at now: Timestamp) {
        list = subscription.list
        let status = subscription.status(at: now)
        state = Badge(status.rawValue.lowercased().asTitle, status == .confirmed ? .good : .neutral)
        at = TimestampView(subscription.createdAt)
    }
}
