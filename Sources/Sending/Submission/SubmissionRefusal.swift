package import MailModel

/// Why an email was not accepted (specification 5.8). Nothing is stored or counted for it.
package struct SubmissionRefusal: Error, Equatable {
    /// The class of a refusal; the raw value is its label in metrics.
    package enum Kind: String, Sendable, CaseIterable {
        /// A value is malformed or out of range: 422.
        case invalid
        /// The email is larger than allowed: 413.
        case tooLarge
        /// The sender is unknown, another account's, or not verified: 403.
        case badFrom = "bad_from"
        /// The recipient must not be mailed, by the operator's settings: 422.
        case badTo = "bad_to"
        /// The account is blocked, or the domain suspended: 403.
        case blocked
        /// A hard limit is reached: 429.
        case quota
        /// The idempotency key was used for another request: 409.
        case conflict
    }

    /// The class of the refusal.
    package var kind: Kind
    /// The field that is at fault; `nil` where none is.
    package var field: String?
    /// A sentence for people: what is wrong and what was expected.
    package var explanation: String
    /// How long the same request cannot be accepted; `nil` where time does not help.
    package var retryAfter: Duration?

    /// Creates a refusal.
    package init(_ kind: Kind, field: String? = nil, _ explanation: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.field = field
        self.explanation = explanation
        self.retryAfter = retryAfter
    }

    /// The email status that the answer gives; `nil` for a kind that has none.
    package var status: EmailStatus? {
        switch kind {
        case .badFrom: .badFrom
        case .badTo: .badTo
        case .blocked: .blockedDueBadBehaviour
        case .invalid, .tooLarge, .quota, .conflict: nil
        }
    }
}
