public import MailModel

/// What a customer asks to be sent, as it came: not validated yet (specification 5.1).
public struct EmailRequest: Sendable {
    public var to: String
    public var from: String
    /// Plain text, or HTML where it has a tag.
    public var text: String
    public var subject: String
    public var html: String?
    public var externalID: String?
    public var clientID: String?
    /// The display name in `To`.
    public var alias: String?
    /// The words of the unsubscribe link; without them there is none in the body.
    public var unsubscribeText: String?
    public var callbacks: [String] = []
    /// Further recipients, whom all see.
    public var cc: [String] = []
    /// Further recipients, whom nobody sees.
    public var bcc: [String] = []
    public var replyTo: [String] = []
    public var headers: [EmailContent.HeaderField] = []
    public var tags: [String] = []
    public var attachments: [AttachmentRequest] = []
    /// Send only to those who confirmed that they are on this list.
    public var list: String?
    public var category: EmailCategory?
    /// Not to be sent before this time, RFC 3339; one that has passed is at once.
    public var sendAt: String?
    /// The name of a template of the account: its subject and texts stand for those of the request.
    public var template: String?
    /// What goes in the places of the template, or of the request's own subject and texts; `nil` where braces are nothing but braces.
    public var variables: [String: String]?
    /// The `Idempotency-Key` header field.
    public var idempotencyKey: String?
    /// A hash of the request: the same idempotency key with another fingerprint is a conflict.
    public var fingerprint: [UInt8] = []
    /// Names the request in its answer: with an idempotency key later answers name it too.
    public var transactionID = ""

    public init(to: String, from: String, text: String, subject: String) {
        self.to = to
        self.from = from
        self.text = text
        self.subject = subject
    }
}

/// A file to be attached, as it came.
public struct AttachmentRequest: Sendable {
    public var filename: String
    /// Base64.
    public var content: String
    /// Made out from the file's name where it is not given.
    public var contentType: String?
    /// What `cid:` in the HTML refers to.
    public var contentID: String?

    public init(filename: String, content: String, contentType: String? = nil, contentID: String? = nil) {
        self.filename = filename
        self.content = content
        self.contentType = contentType
        self.contentID = contentID
    }
}
