import Encoding
import JSON
import MailModel
import Sending
import Web

/// One email: its data, its timeline and its preview.
struct EmailModel: Sendable {
    enum View: String, Sendable, CaseIterable {
        case html, text, source
    }

    struct Fact: Sendable {
        let name: String
        let value: String
        let href: String?
        /// Whether the value can be copied.
        var isCopied = false
    }

    struct Entry: Sendable {
        let state: Badge
        let at: TimestampView
        /// The time since the step before: `+2.4 s`.
        let since: String?
        let explanation: String?
        let details: [Fact]
        let hasDetails: Bool
    }

    struct Tab: Sendable {
        let text: String
        let href: String
        let isCurrent: Bool
    }

    let back: String
    let subject: String
    let state: Badge
    /// How it ended, for emails that were not delivered: the answer first.
    let outcome: EmailOutcome?
    let facts: [Fact]
    let callbacks: [CallbacksModel.Row]
    let hasCallbacks: Bool
    let timeline: [Entry]
    let tabs: [Tab]
    /// The path of the HTML, for the frame.
    let frame: String?
    /// The plain text, or the source.
    let text: String?
    let isCut: Bool
    let download: String
    /// For those who may send, while it is scheduled.
    let cancel: Confirmation?
    /// For those who may send, once it is not queued any more.
    let resend: Confirmation?

    /// The maximum of text on the page, in bytes; the rest of a larger message is cut.
    private static let longestText = 128 << 10

    /// - Parameters:
    ///   - preview: the texts, safe to show.
    ///   - view: the view to show; `nil` for the HTML, or else the text.
    init(
        _ found: SentEmails.Found, _ related: SentEmails.Related, _ preview: (text: String, html: String?), _ view: View?, source: [UInt8]?,
        _ request: DashboardRequest
    ) {
        let email = found.email
        let path = Self.path(of: email.id)
        let view = view == .html && preview.html == nil ? nil : view
        let shown = view ?? (preview.html == nil ? .text : .html)
        back = request.link("/dashboard/emails")
        subject = email.content.subject.isEmpty ? "(no subject)" : email.content.subject
        state = email.status.badge
        outcome = EmailOutcome(found, related.suppressions, back: request.link(path), request)
        facts = Self.facts(of: email, copies: found.copies, request)
        callbacks = related.callbacks.map { CallbacksModel.Row($0, request) }
        hasCallbacks = !callbacks.isEmpty
        let earlier = [nil] + found.timeline.map(\.at)
        timeline = zip(found.timeline, earlier).map { Entry($0, since: $1) }
        tabs = View.allCases.filter { $0 != .html || preview.html != nil }.map {
            Tab(text: $0.title, href: request.link(path, ["view": $0.rawValue]) + "#preview", isCurrent: $0 == shown)
        }
        frame = shown == .html ? request.link(path + "/preview") : nil
        let whole = shown == .text ? Array(preview.text.utf8) : source ?? []
        isCut = whole.count > Self.longestText
        text = shown == .html ? nil : String(decoding: whole.prefix(Self.longestText), as: UTF8.self)
        download = request.link(path + "/message")
        resend = email.canBeRepeated && request.may(.emailsSend) ? .resending(email, request.link(path + "/resend")) : nil
        cancel = email.status == .scheduled && request.may(.emailsCancel) ? .cancelling(request.link(path + "/cancel")) : nil
    }

    private static func path(of email: EmailID) -> String {
        "/dashboard/emails/\(email)"
    }

    private static func facts(of email: Email, copies: [EmailID: EmailStatus], _ request: DashboardRequest) -> [Fact] {
        let recipient = Mailbox(name: email.recipientName, address: email.recipient)
        let sender = Mailbox(name: email.content.fromName, address: email.sender)
        var facts = [
            email.recipient.isErased
                ? Fact(name: "To", value: "The recipient was erased", href: nil)
                : Fact(
                    name: "To", value: recipient.description, href: request.address(email.recipient), isCopied: true),
            Fact(
                name: "From", value: sender.description, href: request.link("/dashboard/emails", ["from": email.sender.description])),
        ]
        facts += email.content.replyTo.map { Fact(name: "Reply-To", value: $0.description, href: nil) }
        facts += Self.facts(ofCopies: email, copies, request)
        facts += [
            Fact(name: "Accepted", value: Format.exactTime(email.createdAt), href: nil),
            Fact(name: "Account", value: email.userName, href: nil), Fact(name: "Sent by", value: email.operatorName, href: nil),
        ]
        if let category = email.content.category { facts.append(Fact(name: "Category", value: category.rawValue, href: nil)) }
        if let time = email.content.sendAt { facts.insert(Fact(name: "To be sent", value: Format.time(time), href: nil), at: 3) }
        if let campaign = email.externalID {
            let owner = request.account == nil ? email.userName : nil
            facts.append(Fact(name: "Campaign", value: campaign, href: request.campaign(campaign, of: owner)))
        }
        if let client = email.clientID {
            facts.append(Fact(name: "Client id", value: client, href: request.link("/dashboard/emails", ["clientId": client])))
        }
        facts += email.content.tags.map { Fact(name: "Tag", value: $0, href: request.link("/dashboard/emails", ["tag": $0])) }
        facts += email.content.callbacks.map { Fact(name: "Callback", value: $0, href: nil) }
        facts += email.content.attachments.map {
            Fact(name: "Attachment", value: "\($0.filename) (\($0.contentType), \(Format.count(Int64($0.size))) bytes)", href: nil)
        }
        facts.append(Fact(name: "Attempts", value: Format.count(email.attempts), href: nil))
        facts.append(Fact(name: "Id", value: email.id.description, href: nil, isCopied: true))
        return facts
    }
}

extension Confirmation {
    fileprivate static func resending(_ email: Email, _ action: String) -> Confirmation {
        let copies = email.content.recipients?.copies.count ?? 0
        let others = copies == 0 ? "" : " and \(copies) in copy"
        return Confirmation(
            title: "Send again…",
            text: "The same content goes to \(email.recipient)\(others) once more, as a new email that counts like any other.",
            button: "Send again", action: action)
    }

    fileprivate static func cancelling(_ action: String) -> Confirmation {
        Confirmation(
            title: "Cancel…", text: "The email will not be sent, and counts for no limit and no bill that is still open.",
            button: "Cancel the email", action: action, isDangerous: true)
    }
}

extension EmailModel {
    /// The other recipients of the message, or the email that this one is a copy of.
    private static func facts(ofCopies email: Email, _ statuses: [EmailID: EmailStatus], _ request: DashboardRequest) -> [Fact] {
        guard let recipients = email.content.recipients else { return [] }
        if let origin = email.copyOf {
            let words = "\(origin.kind.title) of the email to \(recipients.to)"
            return [Fact(name: "Copy", value: words, href: request.link(path(of: origin.id)))]
        }
        return recipients.copies.map { copy in
            let status = statuses[copy.id].map { ", \($0.badge.text)" } ?? ""
            let mailbox = Mailbox(name: copy.name, address: copy.address)
            return Fact(name: copy.kind.title, value: "\(mailbox)\(status)", href: request.link(path(of: copy.id)))
        }
    }
}

extension EmailCopy.Kind {
    fileprivate var title: String {
        switch self {
        case .cc: "Cc"
        case .bcc: "Bcc"
        }
    }
}

extension EmailModel.View {
    fileprivate var title: String {
        switch self {
        case .html: "HTML"
        case .text: "Text"
        case .source: "Source"
        }
    }
}

extension EmailModel.Entry {
    fileprivate init(_ entry: TimelineEntry, since earlier: Timestamp?) {
        state = entry.badge
        at = TimestampView(entry.at, isExact: true)
        since = earlier.map { entry.at < $0 ? "reported later" : "+" + Format.interval(entry.at - $0) }
        explanation = entry.explanation
        details = entry.detailsObject?.map { EmailModel.Fact(name: $0.name, value: $0.value.shown, href: nil) } ?? []
        hasDetails = !details.isEmpty
    }
}

extension TimelineEntry {
    /// What SES said.
    var detailsObject: JSONObject? {
        details.flatMap { try? JSONValue.parse($0.utf8) }?.objectValue
    }
}

extension JSONValue {
    /// A string as it is, any other value as JSON.
    fileprivate var shown: String {
        if let stringValue { return stringValue }
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension DashboardRequest {
    /// Returns the path of a campaign's page.
    ///
    /// - Parameter account: its account, where the page is about all.
    func campaign(_ externalID: String, of account: String? = nil) -> String {
        link(
            "/dashboard/campaigns/\(PercentEncoding.encode(externalID))",
            [Self.accountParameter: principal.accountID == nil ? account : nil])
    }
}
