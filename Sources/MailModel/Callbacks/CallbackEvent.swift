/// The event that a callback reports: a change of an email's status, or something that concerns the account.
package struct CallbackEvent: Sendable, Equatable {
    /// An ``EmailStatus``, an ``AccountNotice/Event``, or ``ping``.
    package var name: String
    /// The email's status before; `nil` for a new email, and for events of the account.
    package var previousStatus: EmailStatus?
    /// When it happened.
    package var at: Timestamp
    /// The domain that it is about; `nil` where it is about none.
    package var domain: DomainName?
    /// What happened, in a sentence for people.
    package var explanation: String?
    /// What SES said, or the figures of a notice, as a JSON object.
    package var details: String?

    /// The event of a trial call.
    package static let ping = "ping"

    /// An event with these values.
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

extension EmailStatus {
    /// Whether a change to this status causes callbacks.
    ///
    /// `QUEUED` and `SCHEDULED` do not: they are in the answer to `POST /emails`.
    package var causesCallbacks: Bool {
        self != .queued && self != .scheduled
    }
}
