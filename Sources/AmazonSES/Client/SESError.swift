import JSON
package import MailModel

/// Why a call of SES failed, and what follows from it.
package struct SESError: Error, Equatable, CustomStringConvertible {
    /// What a failure means for the email that was to be sent (specification 6.3).
    package enum Outcome: Sendable, Equatable {
        /// Certainly not sent; may be tried again later: throttling, 5xx, no connection.
        case retry
        /// Certainly not sent, and would not be the next time: rejected, unverified, invalid.
        case permanent
        /// Certainly not sent, and no email will be until an operator acts or a quota is renewed: sending paused, quota used up,
        /// credentials refused.
        case paused
        /// Perhaps sent: the connection broke or timed out after the request was sent.
        case unknown
    }

    /// SES's code, such as `Throttling` or `MessageRejected`; a name of ours, such as `ConnectionError`, where SES gave none.
    package var code: String
    /// SES's explanation.
    package var message: String
    /// The status of the answer; `nil` without an answer.
    package var httpStatus: Int?
    /// What the failure means for the email.
    package var outcome: Outcome
    /// For a call that was not made because too many wait: when there is room again, about.
    package private(set) var retryAfter: Duration?

    /// Too many calls of the SES API wait for their turn, in all or of this account.
    package static func controlQueueFull(retryAfter: Duration) -> SESError {
        var error = SESError(
            code: "Busy", message: "too many calls of Amazon SES wait for their turn, of which it allows about one a second",
            outcome: .retry)
        error.retryAfter = retryAfter
        return error
    }

    /// Creates an error.
    package init(code: String, message: String, httpStatus: Int? = nil, outcome: Outcome) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
        self.outcome = outcome
    }

    /// Code and explanation.
    package var description: String { code + ": " + message }

    /// Whether SES asks for fewer calls: the code is one of those that AWS's own SDKs treat as throttling.
    package var isThrottling: Bool { Self.throttlingCodes.contains(code) || httpStatus == 429 }
    /// Whether a policy of rights refuses the call.
    package var isDenied: Bool { Self.denialCodes.contains(code) }
}

extension SESError {
    /// Parses the error in an answer.
    init(answer: HTTPAnswer) {
        let document = try? XMLElement(document: answer.body)
        let error = document?["Error"] ?? document?["Errors"]?["Error"]
        let code = error?["Code"]?.text ?? ""
        let message = error?["Message"]?.text ?? ""
        self.init(code: code, message: message, httpStatus: answer.status)
    }

    /// Parses the error in an answer of version 2: its name in a header field, sometimes followed by a URL, or else in the document, sometimes
    /// behind a namespace; its explanation in the document.
    init(answerOfV2 answer: HTTPAnswer) {
        let document = (try? JSONValue.parseLeniently(answer.body))?.objectValue
        let name = answer.errorType ?? document?["__type"]?.stringValue ?? ""
        let code = name.prefix { $0 != ":" }.split(separator: "#").last.map(String.init) ?? ""
        let message = document?["message"]?.stringValue ?? document?["Message"]?.stringValue ?? ""
        self.init(code: code, message: message, httpStatus: answer.status)
    }

    /// Classifies an error.
    ///
    /// - Parameter code: empty when the answer had none: then it is not from SES but from something in between.
    init(code: String, message: String, httpStatus: Int) {
        self.init(
            code: code.isEmpty ? "HTTP\(httpStatus)" : code,
            message: message.isEmpty ? "the answer was HTTP \(httpStatus) without an error of SES" : message,
            httpStatus: httpStatus,
            outcome: Self.outcome(code: code, message: message, httpStatus: httpStatus))
    }

    init(_ failure: HTTPFailure) {
        self.init(code: "ConnectionError", message: failure.reason, outcome: failure.bodyWasSent ? .unknown : .retry)
    }
}

extension SESError: RefusalConvertible {
    /// 502 with SES's own words; 503 where SES was not asked, as too many calls wait.
    package var refusal: Refusal? {
        Refusal(retryAfter == nil ? .upstream : .unavailable, description, retryAfter: retryAfter)
    }
}
