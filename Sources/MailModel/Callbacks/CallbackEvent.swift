/// What a callback tells of: a change of an email's status, or something about the account.
package struct CallbackEvent: Sendable, Equatable {
    /// An ``EmailStatus``, an ``AccountNotice/Event``, or ``ping``.
    package var name: String
    /// Where the email stood before; `nil` for a new one, and for what concerns the account.
    package var previousStatus: EmailStatus?
    package var at: Timestamp
    package var domain: DomainName?
    /// What happened, in a sentence for people.
    package var explanation: String?
    /// SES's own words as a JSON object.
    package var details: String?

    /// The event of a trial call.
    package static let ping = "ping"

    package init(
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
