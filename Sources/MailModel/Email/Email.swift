/// One message to one recipient (specification 5).
public struct Email: Sendable, Equatable, Identifiable {
    public var id: EmailID
    public var accountID: Int64
    /// The owner of the email, `userName` in the API of emails: the account's reference.
    public var userName: String
    /// The member of the account who sent it: the name on the key.
    public var operatorName: String
    /// The domain that was charged for it; `nil` where its sender is a verified address of no domain of the account.
    public var domainID: Int64?
    public var sender: EmailAddress
    public var recipient: EmailAddress
    public var status: EmailStatus
    /// The customer's identifier for reports, such as a campaign.
    public var externalID: String?
    /// The customer's identifier for the recipient.
    public var clientID: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// How often it was tried to hand it to the provider.
    public var attempts: Int64
    /// `nil` for the email to the recipient in `to`.
    public var copyOf: CopyOrigin?
    public var content: EmailContent
    /// When it is to be sent, and what its age counts from: its `sendAt`, or else its acceptance.
    public var releaseAt: Timestamp { content.sendAt ?? createdAt }

    public init(
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
public struct EmailContent: Sendable, Equatable {
    public var subject: String
    /// Plain text, or HTML where it has a tag (specification 5.2).
    public var text: String
    /// HTML beside a plain `text`.
    public var html: String?
    /// The display name in `To`.
    public var alias: String?
    /// The words of the unsubscribe link.
    public var unsubscribeText: String?
    /// URLs that are told about each change of status.
    public var callbacks: [String]
    public var replyTo: [EmailAddress]
    /// Further header fields, in order.
    public var headers: [HeaderField]
    /// Labels for search and reports.
    public var tags: [String]
    /// Not to be sent before; `nil` for at once.
    public var sendAt: Timestamp?
    /// Only those who confirmed that they are on this list may be written to.
    public var list: String?
    /// Everybody who gets it, when that are several; `nil` for a single recipient.
    public var recipients: Recipients?
    public var attachments: [Attachment]
    /// `nil` where its sender does not say.
    public var category: EmailCategory?
    /// `text` is plain though it looks like HTML: the value of a variable has brought a tag.
    public var isPlainText = false

    public struct HeaderField: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
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
public struct TimelineEntry: Sendable, Equatable {
    /// An ``EmailStatus``, or an event that changes none, such as `DELIVERY_DELAY`.
    public var status: String
    public var at: Timestamp
    /// What happened, in a sentence for people.
    public var explanation: String?
    /// SES's own words as a JSON object: bounce type, diagnostic code, link, ….
    public var details: String?

    public init(status: String, at: Timestamp, explanation: String? = nil, details: String? = nil) {
        self.status = status
        self.at = at
        self.explanation = explanation
        self.details = details
    }

    public init(_ status: EmailStatus, at: Timestamp, explanation: String? = nil, details: String? = nil) {
        self.init(status: status.rawValue, at: at, explanation: explanation, details: details)
    }
}
