import MIME
package import MailModel

/// Composes the wire form of an email: a pure function of what is stored, so that display and a second attempt get the same message.
package struct MessageComposer: Sendable {
    private let links: UnsubscribeLinks
    private let hasPublicURL: Bool

    /// Creates a composer.
    ///
    /// - Parameter hasPublicURL: whether recipients can reach the links, so that every email gets the `List-Unsubscribe` fields (RFC 8058).
    ///   Otherwise only emails get them whose sender asked for a link.
    package init(links: UnsubscribeLinks, hasPublicURL: Bool) {
        self.links = links
        self.hasPublicURL = hasPublicURL
    }

    /// Returns the message to one recipient.
    ///
    /// `To` and `Cc` are the same for all recipients; there is no `Bcc`.
    ///
    /// - Parameters:
    ///   - attachments: the bytes of the attachments that the content lists, in their order.
    ///   - mask: hides the recipient's links, for others than the recipient; `nil` for the message that is sent.
    package func compose(_ email: Email, attachments: [[UInt8]], mask: LinkMask? = nil) -> [UInt8] {
        if let raw = email.content.raw { return compose(raw, email, attachments.first ?? [], mask: mask) }
        let email = mask?.masked(email) ?? email
        let recipients = email.content.recipients
        var message = OutgoingMessage(
            from: email.sender, to: recipients?.to ?? email.recipient, subject: email.content.subject,
            messageID: Self.messageID(of: email), date: email.releaseAt)
        message.fromName = email.content.fromName
        message.toName = email.content.alias
        message.cc = recipients?.mailboxes(.cc) ?? []
        message.replyTo = email.content.replyTo
        message.headers = [("X-Martlet-Id", email.id.description)] + email.content.headers.map { ($0.name, $0.value) }
        let unsubscribeURL = mask?.unsubscribeURL ?? links.url(for: email.id)
        (message.text, message.html) = bodies(of: email, unsubscribeURL: unsubscribeURL)
        if offersUnsubscribe(email.content) { message.listUnsubscribe = unsubscribeURL }
        message.attachments = zip(email.content.attachments, attachments).map { attachment, data in
            OutgoingMessage.Attachment(
                filename: attachment.filename, contentType: attachment.contentType, data: data, contentID: attachment.contentID)
        }
        return message.serialized()
    }

    /// The message as it came, with our fields before it.
    private func compose(_ raw: RawContent, _ email: Email, _ message: [UInt8], mask: LinkMask?) -> [UInt8] {
        var added = AddedFields()
        added.add("X-Martlet-Id", email.id.description)
        if offersUnsubscribe(email.content), !raw.hasUnsubscribe {
            added.addUnsubscribe(mask?.unsubscribeURL ?? links.url(for: email.id))
        }
        return added.bytes + message
    }

    /// An email with a link in the body has the fields too, whatever its category (RFC 8058).
    private func offersUnsubscribe(_ content: EmailContent) -> Bool {
        if content.unsubscribeText != nil { return true }
        return switch content.category {
        case .marketing: true
        case .transactional: false
        case nil: hasPublicURL
        }
    }

    /// The `Message-ID` without angle brackets.
    ///
    /// SES replaces it with its own.
    static func messageID(of email: Email) -> String {
        "\(email.id)@\(email.sender.domain)"
    }

    /// Returns what the recipient reads: the plain text, and HTML without scripts, links and remote content where there is some.
    ///
    /// - Parameter mask: hides the recipient's links; `nil` shows them.
    package func preview(of email: Email, mask: LinkMask? = nil) -> (text: String, html: String?) {
        let (text, html) = bodies(of: mask?.masked(email) ?? email, unsubscribeURL: mask?.unsubscribeURL ?? links.url(for: email.id))
        return (text ?? html.map(HTMLText.plainText) ?? "", html.map(HTMLPreview.harmless))
    }

    /// The texts with the unsubscribe link, which marketing has in any case.
    private func bodies(of email: Email, unsubscribeURL: String) -> (text: String?, html: String?) {
        let (text, html) = bodies(of: email.content)
        let standard = email.content.category == .marketing ? UnsubscribeLink.standardLabel : nil
        guard let label = email.content.unsubscribeText ?? standard, email.content.raw == nil else { return (text, html) }
        return (
            text.map { UnsubscribeLink.append(url: unsubscribeURL, label: label, toText: $0) },
            html.map { UnsubscribeLink.append(url: unsubscribeURL, label: label, toHTML: $0) }
        )
    }

    /// `text` may be HTML by itself; explicit `html` stands beside it.
    private func bodies(of content: EmailContent) -> (text: String?, html: String?) {
        if let html = content.html { return (content.text, html) }
        return !content.isPlainText && HTMLText.isHTML(content.text) ? (nil, content.text) : (content.text, nil)
    }
}
