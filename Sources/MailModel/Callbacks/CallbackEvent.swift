/// What a callback tells of: a change of an email's status, or something about the account.
public struct CallbackEvent: Sendable, Equatable {
    /// An ``EmailStatus``, an ``AccountNotice/Event``, or ``ping``.
    public var name: String
    /// Where the email stood before; `nil` for a new one, and for what concerns the account.
    public var previousStatus: EmailStatus?
    public var at: Timestamp
    public var domain: DomainName?
    /// What happened, in a sentence for people.
    public var explanation: String?
    /// SES's own words as a JSON object.
    public var details: String?

    /// The event of a trial call.
    public static let ping = "ping"

    public init(
        name: String, previousStatus: EmailStatus? = nil, at: Timestamp, domain: DomainName? = nil, explanation: String? = nil,
        details: String? = nil
    ) {
        self.name = name
        self.previousStatus = previousStatus
        self.at = at
        self.domain = domain
        self.explanation = explanation
        self.details = details
    }
}
