/// One message to one recipient (specification 5).
package struct Email: Sendable, Equatable, Identifiable {
    package var id: EmailID
    package var accountID: Int64
    /// The owner of the email, `userName` in the API of emails: the account's reference.
    package var userName: String
    /// The member of the account who sent it: the name on the key.
    package var operatorName: String
    /// The domain that was charged for it; `nil` where its sender is a verified address of no domain of the account.
    package var domainID: Int64?
    package var sender: EmailAddress
    package var recipient: EmailAddress
    package var status: EmailStatus
    /// The customer's identifier for reports, such as a campaign.
    package var externalID: String?
    /// The customer's identifier for the recipient.
    package var clientID: String?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// How often it was tried to hand it to the provider.
    package var attempts: Int64
    /// `nil` for the email to the recipient in `to`.
    package var copyOf: CopyOrigin?
    package var content: EmailContent
    /// When it is to be sent, and what its age counts from: its `sendAt`, or else its acceptance.
    package var releaseAt: Timestamp { content.sendAt ?? createdAt }

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

/// What an email says, as the customer gave it.
package struct EmailContent: Sendable, Equatable {
    package var subject: String
    /// Plain text, or HTML where it has a tag (specification 5.2).
    package var text: String
    /// HTML beside a plain `text`.
    package var html: String?
    /// The display name in `To`.
    package var alias: String?
    /// The words of the unsubscribe link.
    package var unsubscribeText: String?
    /// URLs that are told about each change of status.
    package var callbacks: [String]
    package var replyTo: [EmailAddress]
    /// Further header fields, in order.
    package var headers: [HeaderField]
    /// Labels for search and reports.
    package var tags: [String]
    /// Not to be sent before; `nil` for at once.
    package var sendAt: Timestamp?
    /// Only those who confirmed that they are on this list may be written to.
    package var list: String?
    /// Everybody who gets it, when that are several; `nil` for a single recipient.
    package var recipients: Recipients?
    package var attachments: [Attachment]
    /// `nil` where its sender does not say.
    package var category: EmailCategory?
    /// `text` is plain though it looks like HTML: the value of a variable has brought a tag.
    package var isPlainText = false

    package struct HeaderField: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        subject: String, text: String, html: String? = nil, alias: String? = nil, unsubscribeText: String? = nil,
        callbacks: [String] = [], replyTo: [EmailAddress] = [], headers: [HeaderField] = [], tags: [String] = [], sendAt: Timestamp? = nil,
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

/// Something that happened to an email.
package struct TimelineEntry: Sendable, Equatable {
    /// An ``EmailStatus``, or an event that changes none, such as `DELIVERY_DELAY`.
    package var status: String
    package var at: Timestamp
    /// What happened, in a sentence for people.
    package var explanation: String?
    /// SES's own words as a JSON object: bounce type, diagnostic code, link, ….
    package var details: String?

    package init(status: String, at: Timestamp, explanation: String? = nil, details: String? = nil) {
        self.status = status
        self.at = at
        self.explanation = explanation
        self.details = details
    }

    package init(_ status: EmailStatus, at: Timestamp, explanation: String? = nil, details: String? = nil) {
        self.init(status: status.rawValue, at: at, explanation: explanation, details: details)
    }
}
