/// One message to one recipient (specification 5).
package struct Email: Sendable, Equatable, Identifiable {
    /// The id, by which emails sort by the time of acceptance.
    package var id: EmailID
    /// The account that it belongs to.
    package var accountID: Int64
    /// The owner of the email, `userName` in the API of emails: the account's reference.
    package var userName: String
    /// The member of the account who sent it: the name on the key.
    package var operatorName: String
    /// The domain that was charged for it; `nil` where its sender is a verified address of no domain of the account.
    package var domainID: Int64?
    /// The address that it is sent from.
    package var sender: EmailAddress
    /// The address that it is sent to.
    package var recipient: EmailAddress
    /// Where it stands.
    package var status: EmailStatus
    /// The customer's identifier for reports, such as a campaign.
    package var externalID: String?
    /// The customer's identifier for the recipient.
    package var clientID: String?
    /// When it was accepted.
    package var createdAt: Timestamp
    /// When its row was last changed.
    package var updatedAt: Timestamp
    /// The attempts to hand it to the provider.
    package var attempts: Int64
    /// The email that it is a copy of; `nil` for the email to the recipient in `to`.
    package var copyOf: CopyOrigin?
    /// Its content.
    package var content: EmailContent
    /// When it is to be sent, and what its age counts from: its `sendAt`, or else its acceptance.
    package var releaseAt: Timestamp { content.sendAt ?? createdAt }

    /// An email with these values.
    package init(
        id: EmailID, accountID: Int64, userName: String, operatorName: String, domainID: Int64?, sender: EmailAddress,
        recipient: EmailAddress,
        status: EmailStatus, externalID: String?, clientID: String?, createdAt: Timestamp, updatedAt: Timestamp, attempts: Int64 = 0,
        copyOf: CopyOrigin? = nil, content: EmailContent
    ) {
        self.id = id
        self.accountID = accountID
        self.userName = userName
        self.operatorName = operatorName
        self.domainID = domainID
        self.sender = sender
        self.recipient = recipient
        self.status = status
        self.externalID = externalID
        self.clientID = clientID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.attempts = attempts
        self.copyOf = copyOf
        self.content = content
    }
}

/// The content of an email, as the customer gave it.
package struct EmailContent: Sendable, Equatable {
    /// The subject, without line breaks.
    package var subject: String
    /// Plain text, or HTML where it has a tag (specification 5.2).
    package var text: String
    /// HTML beside a plain `text`.
    package var html: String?
    /// The display name in `To`.
    package var alias: String?
    /// The display name in `From`: that of the request, or the domain's default.
    package var fromName: String?
    /// The text of the unsubscribe link.
    package var unsubscribeText: String?
    /// URLs that receive a callback for each change of status.
    package var callbacks: [String]
    /// The mailboxes of `Reply-To`.
    package var replyTo: [Mailbox]
    /// Further header fields, in order.
    package var headers: [HeaderField]
    /// Labels for search and reports.
    package var tags: [String]
    /// The time before which it is not sent; `nil` for at once.
    package var sendAt: Timestamp?
    /// The list that the recipient must have confirmed (double opt-in); `nil` for none.
    package var list: String?
    /// All recipients of the message; `nil` for a single one.
    package var recipients: Recipients?
    /// The files that go with it, in order; their bytes are stored apart.
    package var attachments: [Attachment]
    /// Its category; `nil` where the request names none.
    package var category: EmailCategory?
    /// Whether `text` is plain although it has a tag, which is part of a variable's value.
    package var isPlainText = false
    /// Where its texts are those of a template with values filled in: the bytes of the template's, which are stored once for all its emails.
    package var templateBytes: Int?
    /// Whether texts and attachments were deleted: after `retention.contentsDays`, or with the recipient.
    package var isDropped = false
    /// Set for a message that is sent as it came: it is the one attachment, and there are no texts.
    package var raw: RawContent?
    /// The place of the request in a distributed trace, where one is recorded here or the caller sent one; `nil` for none.
    package var trace: TraceContext?

    /// A header field that the customer sets.
    package struct HeaderField: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// Its value, unfolded.
        package var value: String

        /// A header field.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Content with these values.
    package init(
        subject: String, text: String, html: String? = nil, alias: String? = nil, unsubscribeText: String? = nil,
        callbacks: [String] = [], replyTo: [Mailbox] = [], headers: [HeaderField] = [], tags: [String] = [], sendAt: Timestamp? = nil,
        list: String? = nil,
        recipients: Recipients? = nil, attachments: [Attachment] = []
    ) {
        self.subject = subject
        self.text = text
        self.html = html
        self.alias = alias
        self.unsubscribeText = unsubscribeText
        self.callbacks = callbacks
        self.replyTo = replyTo
        self.headers = headers
        self.tags = tags
        self.sendAt = sendAt
        self.list = list
        self.recipients = recipients
        self.attachments = attachments
    }
}

/// What is known of a message that is sent as it came (specification 5.14).
package struct RawContent: Sendable, Equatable {
    /// Whether its header has fields to unsubscribe by already.
    package var hasUnsubscribe: Bool

    /// A message that is sent as it came.
    package init(hasUnsubscribe: Bool) {
        self.hasUnsubscribe = hasUnsubscribe
    }
}

/// The category of an email, as the law and mailbox providers distinguish them.
package enum EmailCategory: String, Sendable, CaseIterable {
    /// Part of something that its recipient began: a receipt, a password reset, a warning. It needs no unsubscribe link, and is sent also to
    /// recipients who have unsubscribed.
    case transactional
    /// Sent on the sender's initiative. It always has an unsubscribe link.
    case marketing
}

/// An entry of an email's timeline: something that happened to it.
package struct TimelineEntry: Sendable, Equatable {
    /// An ``EmailStatus``, or an event that changes none, such as `DELIVERY_DELAY`.
    package var status: String
    /// When it happened.
    package var at: Timestamp
    /// What happened, in a sentence for people.
    package var explanation: String?
    /// What SES said, as a JSON object: bounce type, diagnostic code, link, ….
    package var details: String?

    /// An entry with these values.
    package init(status: String, at: Timestamp, explanation: String? = nil, details: String? = nil) {
        self.status = status
        self.at = at
        self.explanation = explanation
        self.details = details
    }

    /// An entry of a status.
    package init(_ status: EmailStatus, at: Timestamp, explanation: String? = nil, details: String? = nil) {
        self.init(status: status.rawValue, at: at, explanation: explanation, details: details)
    }
}

/// The filter of `GET /emails` (specification 13.2); a property that is `nil` matches all.
package struct EmailFilter: Sendable, Equatable {
    /// Emails that stand there at present.
    package var status: EmailStatus?
    /// Emails to this address.
    package var recipient: EmailAddress?
    /// Whether the case of the recipient's local part does not matter.
    package var recipientInAnyCase = false
    /// Emails to addresses of this domain.
    package var recipientDomain: DomainName?
    /// Emails from this address.
    package var sender: EmailAddress?
    /// Emails with this `externalId`.
    package var externalID: String?
    /// Emails with this `clientId`.
    package var clientID: String?
    /// Emails with this tag.
    package var tag: String?
    /// Emails that were accepted at this time or later.
    package var since: Timestamp?
    /// Emails that were accepted before this time.
    package var until: Timestamp?

    /// A filter that all emails match.
    package init() {}
}
