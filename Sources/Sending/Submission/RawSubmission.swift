package import MailModel

/// A complete message that is to be sent as it came (specification 5.14): its recipients, and its bytes.
///
/// ``Submission/accept(_:by:)-raw`` takes it the way of every other email: the same checks, gate, quotas, suppressions and memory. Each recipient is an email
/// of its own; the first one's stores the message, the others are its copies.
///
/// The sender is the one mailbox in the header's `From`. An envelope sender is not asked for: whatever it is, replies and bounces are the provider's.
///
/// The header may have fields that are instructions to this service, which are read and taken out: `X-Martlet-External-Id`, `X-Martlet-Client-Id`,
/// `X-Martlet-Tags` and `X-Martlet-Callbacks` (lists with commas), `X-Martlet-Category`, `X-Martlet-Idempotency-Key`. A property that is set here goes before
/// its field.
package struct RawSubmission: Sendable {
    /// The most recipients of one message.
    package static let maximumRecipients = 1_000

    /// The addresses of the recipients, bare; a repeated one counts once.
    ///
    /// Empty: those in the header's `To`, `Cc` and `Bcc`.
    package var recipients: [String]
    /// The message (RFC 5322), whose lines end with CR LF.
    package var message: [UInt8]
    /// Whether lines may end with LF alone, as SES takes them; they become CR LF.
    package var allowsBareLineFeeds = false
    /// A mailbox, with a name or without, that replaces the header's `From`; `nil` leaves it.
    package var from: String?
    /// Mailboxes that replace the header's `Reply-To`; none leaves it.
    package var replyTo: [String] = []
    /// The customer's identifier for reports, such as a campaign.
    package var externalID: String?
    /// The customer's identifier for the recipient.
    package var clientID: String?
    /// URLs that get each change of the emails' statuses; `nil`: those in the header.
    package var callbacks: [String]?
    /// Labels for search and reports; `nil`: those in the header.
    package var tags: [String]?
    /// What the message is for.
    package var category: EmailCategory?
    /// By what a repetition of the request is known, for 24 hours.
    package var idempotencyKey: String?
    /// The id of the request in its answer; with an idempotency key, later answers have it too.
    package var transactionID = ""
    /// The place of the request in a distributed trace; `nil` for none.
    package var trace: TraceContext?
    /// How long a message with the same `Message-ID` from the same key to the same recipient is taken for a repetition, which is answered as accepted
    /// and not sent again (`submission.dedupeSeconds`); zero: never.
    package var repetitionWindow: Duration = .zero

    /// Creates a message with its recipients.
    package init(to recipients: [String], message: [UInt8]) {
        self.recipients = recipients
        self.message = message
    }
}
