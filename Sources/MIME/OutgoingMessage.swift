package import MailModel

/// The content of one message (RFC 5322, RFC 2045).
///
/// Texts are validated before (``MailModel/HeaderText``, ``CustomHeader``). A control character in a header field is nevertheless written
/// as a space.
package struct OutgoingMessage: Sendable {
    /// The address in `From`.
    package var from: EmailAddress
    /// The display name in `From`.
    package var fromName: String?
    /// The address in `To`.
    package var to: EmailAddress
    /// The display name in `To`: `alias` of the API.
    package var toName: String?
    /// The mailboxes in `Cc`.
    package var cc: [Mailbox] = []
    /// The mailboxes in `Reply-To`.
    package var replyTo: [Mailbox] = []
    /// The subject.
    package var subject: String
    /// The plain text; `nil`: one is made from ``html``.
    package var text: String?
    /// The HTML; `nil` for a message of plain text.
    package var html: String?
    /// The `Message-ID` without angle brackets: `id@example.com`.
    ///
    /// SES replaces it with its own.
    package var messageID: String
    /// The `Date`.
    package var date: Timestamp
    /// Further header fields.
    ///
    /// Those with an invalid name, or too long for a line, are left out.
    package var headers: [(name: String, value: String)] = []
    /// The https URL for unsubscribing with one click (RFC 8058).
    ///
    /// Both fields are left out when it is longer than 900 characters.
    package var listUnsubscribe: String?
    /// The attachments.
    package var attachments: [Attachment] = []

    /// Creates a message without a text.
    package init(from: EmailAddress, to: EmailAddress, subject: String, messageID: String, date: Timestamp) {
        self.from = from
        self.to = to
        self.subject = subject
        self.messageID = messageID
        self.date = date
    }

    /// A file in a message.
    package struct Attachment: Sendable, Equatable {
        /// The name of the file.
        package var filename: String
        /// `type/subtype`.
        ///
        /// Anything else, and the composite types `message/…` and `multipart/…`, are sent as `application/octet-stream`.
        package var contentType: String
        /// The bytes of the file.
        package var data: [UInt8]
        /// The id that `cid:` in the HTML refers to, without angle brackets.
        ///
        /// Such an attachment is inline.
        package var contentID: String?

        /// Creates an attachment.
        package init(filename: String, contentType: String, data: [UInt8], contentID: String? = nil) {
            self.filename = filename
            self.contentType = contentType
            self.data = data
            self.contentID = contentID
        }
    }
}
