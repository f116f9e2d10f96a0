public import FoundationEssentials

/// An email that the server has just accepted.
public struct AcceptedEmail: Decodable, Sendable, Identifiable {
    /// The id; ids sort by the time of acceptance.
    public let id: String
    /// The recipient; `nil` once it was erased.
    public let to: String?
    /// The sender.
    public let from: String
    /// Where it stands: queued or scheduled.
    public let status: EmailStatus
    /// The subject as it is sent.
    public let subject: String
    /// The identifier of the campaign.
    public let externalID: String?
    /// The identifier of the recipient.
    public let clientID: String?
    /// The earliest time at which it is sent.
    public let sendAt: Date?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, to, from, status, subject
        case externalID = "externalId"
        case clientID = "clientId"
        case sendAt
    }
}

/// An email in a list.
public struct EmailSummary: Decodable, Sendable, Identifiable {
    /// The id; ids sort by the time of acceptance.
    public let id: String
    /// The recipient; `nil` once it was erased.
    public let to: String?
    /// The sender.
    public let from: String
    /// Where it stands.
    public let status: EmailStatus
    /// The subject.
    public let subject: String
    /// The identifier of the campaign.
    public let externalID: String?
    /// The identifier of the recipient.
    public let clientID: String?
    /// When it was accepted.
    public let createdAt: Date
    /// When its status last changed.
    public let updatedAt: Date
    /// How often it was handed to Amazon SES.
    public let attempts: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, to, from, status, subject
        case externalID = "externalId"
        case clientID = "clientId"
        case createdAt, updatedAt, attempts
    }
}

/// An email with what happened to it.
public struct EmailWithTimeline: Decodable, Sendable, Identifiable {
    /// The id.
    public let id: String
    /// The recipient; `nil` once it was erased.
    public let to: String?
    /// The sender.
    public let from: String
    /// Where it stands.
    public let status: EmailStatus
    /// The subject.
    public let subject: String
    /// The text as it is sent.
    public let text: String
    /// When it was accepted.
    public let createdAt: Date
    /// When its status last changed.
    public let updatedAt: Date
    /// How often it was handed to Amazon SES.
    public let attempts: Int
    /// What happened, oldest first.
    public let timeline: [TimelineEntry]

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, to, from, status, subject, text, createdAt, updatedAt, attempts, timeline
    }
}

/// A step in the life of an email.
public struct TimelineEntry: Decodable, Sendable {
    /// The status that it reached.
    public let status: EmailStatus
    /// When.
    public let at: Date
    /// Why, in a sentence.
    public let explanation: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case status, at
        case explanation = "explain"
    }
}
