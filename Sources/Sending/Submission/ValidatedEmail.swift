import MailModel

/// A request all of whose values are valid.
struct ValidatedEmail: Sendable {
    var recipient: EmailAddress
    var sender: EmailAddress
    var externalID: String?
    var clientID: String?
    var content: EmailContent
    /// The recipients in `cc` and `bcc`.
    var copies: [Copy]
    /// The bytes of the attachments that the content lists, in their order.
    var files: [[UInt8]]
    /// What the texts are made of, where a template is.
    var template: TemplateUse?
    /// The variables without a value.
    ///
    /// Where there is one, nothing is sent.
    var missingVariables: [String]
    /// What the sender should know although the request is valid.
    var notes: [String]
    /// The `Sender` in the header of a raw message; it must be the account's too.
    var headerSender: EmailAddress?

    /// A recipient in `cc` or `bcc`.
    struct Copy {
        var address: EmailAddress
        var name: String?
        var kind: EmailCopy.Kind
        /// Where it stands in the request.
        var field: String
    }

    /// All recipients, each with where it stands in the request.
    var recipients: [(address: EmailAddress, field: String)] {
        [(recipient, "to")] + copies.map { ($0.address, $0.field) }
    }

    /// Validates a request.
    ///
    /// - Parameters:
    ///   - template: the one that the request names, where it exists.
    ///   - now: the present time; a `sendAt` before it is dropped.
    ///   - reserve: asked for the memory of texts with filled-in values before they are made, in bytes.
    init(
        _ request: EmailRequest, _ template: TemplateTexts? = nil, at now: Timestamp, limits: SubmissionLimits,
        reserve: (Int) throws(Refusal) -> Void = { _ throws(Refusal) in }
    ) throws(Refusal) {
        let texts = try FilledTexts(request, template, largest: limits.textBytes, reserve: reserve)
        (self.template, missingVariables) = (texts.template, texts.missing)
        var checks = FieldChecks()
        let to = checks.value { () throws(Refusal) in try RequestField("to").recipient(request.to) }
        let from = checks.value { () throws(Refusal) in try RequestField("from").mailbox(request.from) }
        externalID = checks.value { () throws(Refusal) in try RequestField("externalId").identifier(request.externalID) } ?? nil
        clientID = checks.value { () throws(Refusal) in try RequestField("clientId").identifier(request.clientID) } ?? nil
        content = Self.content(of: request, texts, latest: now + limits.farthestSchedule, &checks)
        content.alias =
            checks.value { () throws(Refusal) in try RequestField("alias").displayName(request.alias, beside: "to", to?.name) } ?? nil
        content.fromName =
            checks.value { () throws(Refusal) in
                try RequestField("fromName").displayName(request.fromName, beside: "from", from?.name)
            } ?? nil
        copies = Self.copies(of: request, to: to?.address, &checks)
        let files = checks.value { () throws(Refusal) in try ValidatedAttachments(request.attachments, limits: limits) }
        let (toMailbox, fromMailbox, attached) = try checks.finish(to, from, files)
        (recipient, sender) = (toMailbox.address, fromMailbox.address)
        notes = Self.notes(onSender: sender, repliesTo: content.replyTo)
        if let sendAt = content.sendAt, sendAt <= now {
            notes.append("sendAt: \(sendAt) has passed, the email is sent at once")
            content.sendAt = nil
        }
        content.attachments = attached.attachments
        self.files = attached.files
        try limits.check(content)
    }

    /// The largest sizes and counts; lengths in bytes of UTF-8.
    enum Limits {
        static let subject = 998
        static let identifier = 256
        static let callbacks = 10
        static let replyTo = 10
        /// Together with the recipient in `to`, the 50 that SES takes in one message.
        static let copies = 49
        static let attachments = 50
        static let filename = 255
        static let headers = 50
        static let tags = 50
        static let tag = 128
    }
}

extension ValidatedEmail {
    /// The content without its attachments.
    ///
    /// - Parameter latest: the latest time that `sendAt` may be.
    private static func content(
        of request: EmailRequest, _ texts: FilledTexts, latest: Timestamp, _ checks: inout FieldChecks
    ) -> EmailContent {
        var content = EmailContent(subject: texts.subject, text: texts.text)
        content.html = texts.html
        checks.check { () throws(Refusal) in try RequestField("subject").headerText(texts.subject, upTo: Limits.subject) }
        checks.check { () throws(Refusal) in try RequestField("text").bodyText(texts.text) }
        checks.check { () throws(Refusal) in _ = try texts.html.map(RequestField("html").bodyText) }
        checks.check { () throws(Refusal) in
            content.unsubscribeText = try RequestField("unsubscribeMsg").identifier(request.unsubscribeText)
        }
        checks.check { () throws(Refusal) in
            content.callbacks = try RequestField("callbacks").list(request.callbacks, upTo: Limits.callbacks, RequestField.callbackURL)
        }
        checks.check { () throws(Refusal) in
            content.replyTo = try RequestField("replyTo").list(request.replyTo, upTo: Limits.replyTo, RequestField.mailbox)
        }
        checks.check { () throws(Refusal) in content.headers = try RequestField("headers").headerFields(request.headers) }
        checks.check { () throws(Refusal) in
            content.tags = try RequestField("tags").list(request.tags, upTo: Limits.tags, RequestField.tag)
        }
        checks.check { () throws(Refusal) in
            if let sendAt = request.sendAt { content.sendAt = try RequestField("sendAt").time(sendAt, atMost: latest) }
        }
        checks.check { () throws(Refusal) in content.list = try request.list.map(ValidatedSubscription.list) }
        content.category = request.category
        content.trace = request.trace
        content.isPlainText = texts.isPlain
        content.templateBytes = texts.template?.version.bytes
        return content
    }

    /// The recipients in `cc` and `bcc`.
    ///
    /// An address that is named twice is refused: whether two messages were meant cannot be known.
    ///
    /// - Parameter recipient: that in `to`; `nil` where it is refused.
    private static func copies(of request: EmailRequest, to recipient: EmailAddress?, _ checks: inout FieldChecks) -> [Copy] {
        let count = request.cc.count + request.bcc.count
        guard count <= Limits.copies else {
            checks.add(
                Refusal(
                    .invalid, field: request.bcc.isEmpty ? "cc" : "bcc",
                    "cc, bcc: expected at most \(Limits.copies) addresses in all, found \(count)"))
            return []
        }
        var fields: [String: String] = [:]
        if let recipient { fields[recipient.suppressionKey] = "to" }
        var copies: [Copy] = []
        for (kind, values) in [(EmailCopy.Kind.cc, request.cc), (.bcc, request.bcc)] {
            for (index, value) in values.enumerated() {
                let field = RequestField("\(kind.rawValue)[\(index)]")
                guard let mailbox = checks.value({ () throws(Refusal) in try field.mailbox(value) }) else { continue }
                if let earlier = fields.updateValue(field.name, forKey: mailbox.address.suppressionKey) {
                    checks.add(field.refusal("the address stands in \(earlier) already"))
                }
                copies.append(Copy(address: mailbox.address, name: mailbox.name, kind: kind, field: field.name))
            }
        }
        return copies
    }
}

extension ValidatedEmail {
    /// Warnings about addresses that nobody reads: recipients and their providers trust senders that can be answered.
    private static func notes(onSender sender: EmailAddress, repliesTo replies: [Mailbox]) -> [String] {
        let fields = [(sender, "from")] + replies.enumerated().map { ($1.address, "replyTo[\($0)]") }
        return fields.filter(\.0.isNoReply).map { address, field in
            "\(field): \(address) tells recipients that nobody reads their answers; an address that can be answered is trusted more"
        }
    }
}

extension RequestField {
    /// The one recipient in `to`, which many expect to take a list.
    fileprivate func recipient(_ value: String) throws(Refusal) -> Mailbox {
        guard EmailRequest.mailboxes(in: value).count <= 1 || (try? mailbox(value)) != nil else {
            throw refusal("expected one recipient: \(EmailRequest.insteadOfList)")
        }
        return try mailbox(value)
    }

    fileprivate func tag(_ value: String) throws(Refusal) -> String {
        try headerText(value, upTo: ValidatedEmail.Limits.tag)
    }
}
