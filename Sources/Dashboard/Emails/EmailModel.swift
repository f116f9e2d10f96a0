import JSON
import MailModel
import Sending
import Web

/// One email: who, what, what became of it, and how it looks.
struct EmailModel: Sendable {
    enum View: String, Sendable, CaseIterable {
        case html, text, source
    }

    struct Fact: Sendable {
        let name: String
        let value: String
        let href: String?
    }

    struct Entry: Sendable {
        let state: Badge
        let at: TimestampView
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
    let facts: [Fact]
    let timeline: [Entry]
    let tabs: [Tab]
    /// Where the frame gets the HTML from.
    let frame: String?
    /// The plain text, or the source.
    let text: String?
    let isCut: Bool
    let download: String
    /// For those who may, as long as it is not on its way.
    let cancel: Confirmation?

    /// A page need not hold all of a message of megabytes.
    private static let longestText = 128 << 10

    /// - Parameters:
    ///   - preview: the texts as they may be shown.
    ///   - view: which to show; `nil` for the best there is.
    init(
        _ found: SentEmails.Found, _ preview: (text: String, html: String?), _ view: View?, source: [UInt8]?,
        _ visit: DashboardRequest
    ) {
        let email = found.email
        let path = Self.path(of: email.id)
        let view = view == .html && preview.html == nil ? nil : view
        let shown = view ?? (preview.html == nil ? .text : .html)
        back = visit.link("/dashboard/emails")
        subject = email.content.subject.isEmpty ? "(no subject)" : email.content.subject
        state = email.status.badge
        facts = Self.facts(of: email, copies: found.copies, visit)
        timeline = found.timeline.map(Entry.init)
        tabs = View.allCases.filter { $0 != .html || preview.html != nil }.map {
            Tab(text: $0.title, href: visit.link(path, ["view": $0.rawValue]) + "#preview", isCurrent: $0 == shown)
        }
        frame = shown == .html ? visit.link(path + "/preview") : nil
        let whole = shown == .text ? Array(preview.text.utf8) : source ?? []
        isCut = whole.count > Self.longestText
        text = shown == .html ? nil : String(decoding: whole.prefix(Self.longestText), as: UTF8.self)
        download = visit.link(path + "/message")
        cancel = email.status == .scheduled && visit.allows(.send) ? .cancelling(visit.link(path + "/cancel")) : nil
    }

    private static func path(of email: EmailID) -> String {
        "/dashboard/emails/\(email)"
    }

    private static func facts(of email: Email, copies: [EmailID: EmailStatus], _ visit: DashboardRequest) -> [Fact] {
        let recipient = email.content.alias.map { "\($0) <\(email.recipient)>" } ?? email.recipient.description
        var facts = [
            Fact(
                name: "To", value: recipient, href: visit.link("/dashboard/emails", ["to": email.recipient.description])),
            Fact(name: "From", value: email.sender.description, href: visit.link("/dashboard/emails", ["from": email.sender.description])),
        ]
        facts += Self.facts(ofCopies: email, copies, visit)
        facts += [
            Fact(name: "Accepted", value: Format.time(email.createdAt), href: nil),
            Fact(name: "Account", value: email.userName, href: nil), Fact(name: "Sent by", value: email.operatorName, href: nil),
        ]
        if let category = email.content.category { facts.append(Fact(name: "Category", value: category.rawValue, href: nil)) }
        if let time = email.content.sendAt { facts.insert(Fact(name: "To be sent", value: Format.time(time), href: nil), at: 3) }
        if let campaign = email.externalID {
            let owner = visit.account == nil ? email.userName : nil
            facts.append(Fact(name: "Campaign", value: campaign, href: visit.campaign(campaign, of: owner)))
        }
        if let client = email.clientID {
            facts.append(Fact(name: "Client id", value: client, href: visit.link("/dashboard/emails", ["clientId": client])))
        }
        facts += email.content.tags.map { Fact(name: "Tag", value: $0, href: visit.link("/dashboard/emails", ["tag": $0])) }
        facts += email.content.callbacks.map { Fact(name: "Callback", value: $0, href: nil) }
        facts += email.content.attachments.map {
            Fact(name: "Attachment", value: "\($0.filename) (\($0.contentType), \(Format.count(Int64($0.size))) bytes)", href: nil)
        }
        facts.append(Fact(name: "Attempts", value: Format.count(email.attempts), href: nil))
        facts.append(Fact(name: "Id", value: email.id.description, href: nil))
        return facts
    }
}

extension Confirmation {
    fileprivate static func cancelling(_ action: String) -> Confirmation {
        Confirmation(
            title: "Cancel…", text: "The email will not be sent, and counts for no limit and no bill that is still open.",
            button: "Cancel the email", action: action, isDangerous: true)
    }
}

extension EmailModel {
    /// Who else gets the message, or what this one is a copy of.
    private static func facts(ofCopies email: Email, _ statuses: [EmailID: EmailStatus], _ visit: DashboardRequest) -> [Fact] {
        guard let recipients = email.content.recipients else { return [] }
        if let origin = email.copyOf {
            let words = "\(origin.kind.title) of the email to \(recipients.to)"
            return [Fact(name: "Copy", value: words, href: visit.link(path(of: origin.id)))]
        }
        return recipients.copies.map { copy in
            let status = statuses[copy.id].map { ", \($0.badge.text)" } ?? ""
            return Fact(name: copy.kind.title, value: "\(copy.address)\(status)", href: visit.link(path(of: copy.id)))
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
    fileprivate init(_ entry: TimelineEntry) {
        state = entry.badge
        at = TimestampView(entry.at)
        explanation = entry.explanation
        let object = entry.details.flatMap { try? JSONValue.parse($0.utf8) }?.objectValue
        details = object?.map { EmailModel.Fact(name: $0.name, value: $0.value.shown, href: nil) } ?? []
        hasDetails = !details.isEmpty
    }
}

extension JSONValue {
    /// Texts as they are, anything else as JSON.
    fileprivate var shown: String {
        if let stringValue { return stringValue }
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension DashboardRequest {
    /// Where a campaign is shown.
    ///
    /// - Parameter account: whose it is, where the operator looks at all.
    func campaign(_ externalID: String, of account: String? = nil) -> String {
        link("/dashboard/campaigns/\(PercentEncoding.encode(externalID))", [Self.accountParameter: principal.isMaster ? account : nil])
    }
}
