package import MailModel

/// Everything that goes into the bytes of one email (RFC 5322, RFC 2045).
///
/// What people wrote was judged before (``MailModel/HeaderText``, ``CustomHeader``); should a control character
/// have come this far all the same, it is written as a space.
package struct OutgoingMessage: Sendable {
    package var from: EmailAddress
    package var fromName: String?
    package var to: EmailAddress
    /// The display name in `To`: `alias` of the API.
    package var toName: String?
    /// Who else gets the message, for all to see.
    package var cc: [EmailAddress] = []
    package var replyTo: [EmailAddress] = []
    package var subject: String
    /// The plain text. Without it, one is made from ``html``.
    package var text: String?
    package var html: String?
    /// Without angle brackets: `id@example.com`. SES puts its own in its place.
    package var messageID: String
    package var date: Timestamp
    /// More header fields, ours and the customer's. Those whose name is no field name, or which would not fit a line, are left out.
    package var headers: [(name: String, value: String)] = []
    /// Where one click unsubscribes (RFC 8058): https, made by us. Both fields are left out when it is over 900 characters long.
    package var listUnsubscribe: String?
    package var attachments: [Attachment] = []

    package init(from: EmailAddress, to: EmailAddress, subject: String, messageID: String, date: Timestamp) {
        self.from = from
        self.to = to
        self.subject = subject
        self.messageID = messageID
        self.date = date
    }

    package struct Attachment: Sendable, Equatable {
        package var filename: String
        /// `type/subtype`. Anything else, and the composite types `message/…` and `multipart/…`, are sent as `application/octet-stream`.
        package var contentType: String
        package var data: [UInt8]
        /// What `cid:` in the HTML refers to, without angle brackets; such an attachment is shown in the HTML and not listed.
        package var contentID: String?

        package init(filename: String, contentType: String, data: [UInt8], contentID: String? = nil) {
            self.filename = filename
            self.contentType = contentType
            self.data = data
            self.contentID = contentID
        }
    }
}
