import MailModel

extension OutgoingMessage {
    /// Returns the wire form: ASCII only, CRLF line ends, no line longer than 998 octets.
    ///
    /// The same message has the same bytes.
    package func serialized() -> [UInt8] {
        let body = self.body
        var message = HeaderBlock(reservingCapacity: 1024 + body.approximateLength)
        writeFields(to: &message)
        message.line("MIME-Version", "1.0")
        message.append(body.headers)
        message.append("\r\n")
        var bytes = message.bytes
        body.writeContent(to: &bytes)
        if !bytes.suffix(2).elementsEqual([0x0D, 0x0A]) { bytes.append(contentsOf: [0x0D, 0x0A]) }
        return bytes
    }

    private func writeFields(to message: inout HeaderBlock) {
        message.line("Date", date.messageDate)
        message.mailboxes("From", [Mailbox(name: fromName, address: from)])
        message.mailboxes("To", [Mailbox(name: toName, address: to)])
        if !cc.isEmpty { message.mailboxes("Cc", cc) }
        if !replyTo.isEmpty { message.mailboxes("Reply-To", replyTo) }
        message.text("Subject", subject)
        message.line("Message-ID", "<" + HeaderSyntax.identifier(messageID) + ">")
        for header in headers where HeaderSyntax.isFieldName(header.name) { message.custom(header.name, header.value) }
        // Some signers and receivers treat a folded List-Unsubscribe as two fields, so it is never folded.
        if let url = listUnsubscribe.map(HeaderSyntax.url), url.utf8.count <= 900 {
            message.line("List-Unsubscribe", "<" + url + ">")
            message.line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        }
    }

    /// `mixed(alternative(text, related(html, inline…)), attachments…)`, without levels of a single part.
    private var body: Part {
        let inline = html == nil ? [] : attachments.filter { $0.contentID != nil }
        let listed = html == nil ? attachments : attachments.filter { $0.contentID == nil }
        var body = Part.text(text ?? html.map(HTMLText.plainText) ?? "", subtype: "plain")
        if let html {
            let shown = Part.text(html, subtype: "html").joined(
                with: inline.map { .attachment($0, isInline: true) }, as: "related", seed: messageID)
            body = body.joined(with: [shown], as: "alternative", seed: messageID)
        }
        return body.joined(with: listed.map { .attachment($0, isInline: false) }, as: "mixed", seed: messageID)
    }
}
