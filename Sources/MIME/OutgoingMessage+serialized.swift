import MailModel

extension OutgoingMessage {
    /// The message as it is sent: ASCII only, CRLF line ends, no line over 998 octets. The same message gives the same bytes.
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
        message.line("Date", MessageDate.text(for: date))
        message.mailboxes("From", [(fromName, from)])
        message.mailboxes("To", [(toName, to)])
        if !cc.isEmpty { message.mailboxes("Cc", cc.map { (nil, $0) }) }
        if !replyTo.isEmpty { message.mailboxes("Reply-To", replyTo.map { (nil, $0) }) }
        message.text("Subject", subject)
        message.line("Message-ID", "<" + HeaderSyntax.identifier(messageID) + ">")
        for header in headers where HeaderSyntax.isFieldName(header.name) { message.custom(header.name, header.value) }
        // Some signers and receivers take a folded List-Unsubscribe for two fields, so it is never folded.
        if let url = listUnsubscribe.map(HeaderSyntax.url), url.utf8.count <= 900 {
            message.line("List-Unsubscribe", "<" + url + ">")
            message.line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        }
    }

    /// `mixed(alternative(text, related(html, inline…)), attachments…)`, without the levels that are not needed.
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
