/// Why a call of SES did not do what was asked, and what to make of it.
public struct SESError: Error, Equatable, CustomStringConvertible {
    /// What the failure means to whoever wanted an email sent (contract section 4, Delivery).
    public enum Outcome: Sendable, Equatable {
        /// Surely not sent; try again later: throttling, 5xx, no connection.
        case retry
        /// Surely not sent, and would not be the next time: rejected, unverified, invalid.
        case permanent
        /// Surely not sent, and no email will be until an operator or the next day helps: sending paused, quota used up, credentials refused.
        case paused
        /// Perhaps sent: the connection broke or the time was up after the request had gone out.
        case unknown
    }

    /// SES's own code: `Throttling`, `MessageRejected` …; `ConnectionError` and other names of ours where SES said none.
    public var code: String
    /// SES's own sentence.
    public var message: String
    /// `nil` without an answer.
    public var httpStatus: Int?
    public var outcome: Outcome

    public init(code: String, message: String, httpStatus: Int? = nil, outcome: Outcome) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
        self.outcome = outcome
    }

    public var description: String { code + ": " + message }
}
