package import MailModel

/// Why an email was not accepted (specification 5.8). Nothing is stored or counted for it.
package struct SubmissionRefusal: Error, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A value that cannot be: 422.
        case invalid
        /// More than may be sent: 413.
        case tooLarge
        /// The sender is unknown, another account's, or not verified: 403.
        case badFrom = "bad_from"
        /// The recipient must not be written to, by the operator's settings: 422.
        case badTo = "bad_to"
        /// The account is blocked, or the domain suspended: 403.
        case blocked
        /// A hard limit is reached: 429.
        case quota
        /// The idempotency key was used for another request: 409.
        case conflict
    }

    package var kind: Kind
    /// The field that is at fault, where one is.
    package var field: String?
    /// What is wrong and what was expected, in a sentence for people.
    package var explanation: String
    /// The earliest time at which the same request may be accepted.
    package var retryAfter: Duration?

    package init(_ kind: Kind, field: String? = nil, _ explanation: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.field = field
        self.explanation = explanation
        self.retryAfter = retryAfter
    }

    /// The status that the answer gives such an email.
    package var status: EmailStatus? {
        switch kind {
        case .badFrom: .badFrom
        case .badTo: .badTo
        case .blocked: .blockedDueBadBehaviour
        case .invalid, .tooLarge, .quota, .conflict: nil
        }
    }
}
