import MIME
package import MailModel

/// A request to send an email, not validated yet (specification 5.1).
package struct EmailRequest: Sendable {
    /// The address of the recipient, or the mailbox with a display name: `Eva <eva@reader.example>`.
    package var to: String
    /// The address of the sender, or the mailbox with a display name.
    package var from: String
    /// The display name in `From`; `nil`: that in ``from``, or else the domain's default.
    package var fromName: String?
    /// Plain text, or HTML where it has a tag; empty beside ``html``: one is made from it.
    package var text: String
    /// The subject.
    package var subject: String
    /// HTML beside a plain `text`.
    package var html: String?
    /// The customer's identifier for reports, such as a campaign.
    package var externalID: String?
    /// The customer's identifier for the recipient.
    package var clientID: String?
    /// The display name in `To`; `nil`: that in ``to``.
    package var alias: String?
    /// The text of the unsubscribe link; `nil` for no link in the body.
    package var unsubscribeText: String?
    /// URLs that get each change of the email's status.
    package var callbacks: [String] = []
    /// Further recipients, visible to all.
    package var cc: [String] = []
    /// Further recipients, not visible to others.
    package var bcc: [String] = []
    /// The addresses for replies.
    package var replyTo: [String] = []
    /// Further header fields.
    package var headers: [EmailContent.HeaderField] = []
    /// Labels for search and reports.
    package var tags: [String] = []
    /// The files to attach.
    package var attachments: [AttachmentRequest] = []
    /// A list: only recipients who confirmed their subscription to it are mailed.
    package var list: String?
    /// What the email is for; `nil` where the sender does not say.
    package var category: EmailCategory?
    /// The earliest time to send it, in RFC 3339; a time in the past means at once.
    package var sendAt: String?
    /// The name of a template of the account, whose subject and texts replace those of the request.
    package var template: String?
    /// The values of the variables in the template, or in the request's own subject and texts; `nil`: those are no templates.
    package var variables: [String: String]?
    /// The `Idempotency-Key` header field.
    package var idempotencyKey: String?
    /// A hash of the request.
    ///
    /// The same idempotency key with another fingerprint is a conflict.
    package var fingerprint: [UInt8] = []
    /// The id of the request in its answer; with an idempotency key, later answers have it too.
    package var transactionID = ""
    /// The place of the request in a distributed trace; `nil` for none.
    package var trace: TraceContext?

    /// Creates a request with what every email has.
    package init(to: String, from: String, text: String, subject: String) {
        self.to = to
        self.from = from
        self.text = text
        self.subject = subject
    }
}

extension EmailRequest {
    /// What to do in place of several recipients in ``to``, for the end of a sentence.
    package static let insteadOfList = "send each an email of its own by POST /emails/batch, or name further recipients in cc and bcc"

    /// Returns the mailboxes of a list that is written as one text with commas between them.
    package static func mailboxes(in list: String) -> [String] {
        MailboxSyntax.split(list)
    }

    /// The address in ``from``; `nil` where it is malformed.
    var sender: EmailAddress? { try? MailboxSyntax.parse(from).address }
}

/// A file to attach, not validated yet.
package struct AttachmentRequest: Sendable {
    /// The name of the file, without folders.
    package var filename: String
    /// The content in base64.
    package var content: String
    /// The content type; `nil`: by the extension of the file name.
    package var contentType: String?
    /// The id that `cid:` in the HTML refers to.
    package var contentID: String?

    /// Creates an attachment.
    package init(filename: String, content: String, contentType: String? = nil, contentID: String? = nil) {
        self.filename = filename
        self.content = content
        self.contentType = contentType
        self.contentID = contentID
    }
}
