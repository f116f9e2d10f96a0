package import MailModel

/// What a customer asks to be sent, as it came: not validated yet (specification 5.1).
package struct EmailRequest: Sendable {
    package var to: String
    package var from: String
    /// Plain text, or HTML where it has a tag.
    package var text: String
    package var subject: String
    package var html: String?
    package var externalID: String?
    package var clientID: String?
    /// The display name in `To`.
    package var alias: String?
    /// The words of the unsubscribe link; without them there is none in the body.
    package var unsubscribeText: String?
    package var callbacks: [String] = []
    /// Further recipients, whom all see.
    package var cc: [String] = []
    /// Further recipients, whom nobody sees.
    package var bcc: [String] = []
    package var replyTo: [String] = []
    package var headers: [EmailContent.HeaderField] = []
    package var tags: [String] = []
    package var attachments: [AttachmentRequest] = []
    /// Send only to those who confirmed that they are on this list.
    package var list: String?
    package var category: EmailCategory?
    /// Not to be sent before this time, RFC 3339; one that has passed is at once.
    package var sendAt: String?
    /// The name of a template of the account: its subject and texts stand for those of the request.
    package var template: String?
    /// What goes in the places of the template, or of the request's own subject and texts; `nil` where braces are nothing but braces.
    package var variables: [String: String]?
    /// The `Idempotency-Key` header field.
    package var idempotencyKey: String?
    /// A hash of the request: the same idempotency key with another fingerprint is a conflict.
    package var fingerprint: [UInt8] = []
    /// Names the request in its answer: with an idempotency key later answers name it too.
    package var transactionID = ""

    package init(to: String, from: String, text: String, subject: String) {
        self.to = to
        self.from = from
        self.text = text
        self.subject = subject
    }
}

/// A file to be attached, as it came.
package struct AttachmentRequest: Sendable {
    package var filename: String
    /// Base64.
    package var content: String
    /// Made out from the file's name where it is not given.
    package var contentType: String?
    /// What `cid:` in the HTML refers to.
    package var contentID: String?

    package init(filename: String, content: String, contentType: String? = nil, contentID: String? = nil) {
        self.filename = filename
        self.content = content
        self.contentType = contentType
        self.contentID = contentID
    }
}
