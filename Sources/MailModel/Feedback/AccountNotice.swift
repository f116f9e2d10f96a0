/// Something that a whole account has to know, told to its callback endpoints (specification 7.1).
package struct AccountNotice: Sendable, Equatable {
    package enum Event: String, Sendable, CaseIterable {
        /// A rate of the account has reached the threshold of a warning.
        case accountWarning = "account.warning"
        /// New emails are refused until the master has reviewed the account.
        case accountBlocked = "account.blocked"
        /// The master has decided on a block.
        case accountReviewed = "account.reviewed"
        /// The bounce rate of one of its domains has suspended that domain.
        case domainSuspended = "domain.suspended"
    }

    package var event: Event
    /// The domain that it is about, where it is about one.
    package var domain: DomainName?
    /// What happened, in a sentence for people.
    package var explanation: String

    package init(_ event: Event, domain: DomainName? = nil, explanation: String) {
        self.event = event
        self.domain = domain
        self.explanation = explanation
    }
}
