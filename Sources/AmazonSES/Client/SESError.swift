import JSON

/// Why a call of SES did not do what was asked, and what to make of it.
package struct SESError: Error, Equatable, CustomStringConvertible {
    /// What the failure means to whoever wanted an email sent (specification 6.3).
    package enum Outcome: Sendable, Equatable {
        /// Surely not sent; try again later: throttling, 5xx, no connection.
        case retry
        /// Surely not sent, and would not be the next time: rejected, unverified, invalid.
        case permanent
        /// Surely not sent, and no email will be until an operator or the next day helps: sending paused, quota used up, credentials
        /// refused.
        case paused
        /// Perhaps sent: the connection broke or the time was up after the request had gone out.
        case unknown
    }

    /// SES's own code: `Throttling`, `MessageRejected` …; `ConnectionError` and other names of ours where SES said none.
    package var code: String
    /// SES's own sentence.
    package var message: String
    /// `nil` without an answer.
    package var httpStatus: Int?
    package var outcome: Outcome

    package init(code: String, message: String, httpStatus: Int? = nil, outcome: Outcome) {
        self.code = code
        self.message = message
        self.httpStatus = httpStatus
        self.outcome = outcome
    }

    package var description: String { code + ": " + message }

    /// SES asks to be called less often: the code is one of those that AWS's own SDKs take for it.
    package var isThrottling: Bool { Self.throttlingCodes.contains(code) || httpStatus == 429 }
}

extension SESError {
    /// The error in an answer of SES that is no success.
    init(answer: HTTPAnswer) {
        let document = try? XMLElement(document: answer.body)
        let error = document?["Error"] ?? document?["Errors"]?["Error"]
        let code = error?["Code"]?.text ?? ""
        let message = error?["Message"]?.text ?? ""
        self.init(code: code, message: message, httpStatus: answer.status)
    }

    /// The error in an answer of SESv2: its name in a header field, with a URL behind it at times, its sentence in JSON.
    init(answerOfV2 answer: HTTPAnswer) {
        let code = answer.errorType.map { String($0.prefix { $0 != ":" }) } ?? ""
        let message = (try? JSONValue.parse(answer.body))?.objectValue?["message"]?.stringValue ?? ""
        self.init(code: code, message: message, httpStatus: answer.status)
    }

    /// Classifies what SES said.
    ///
    /// - Parameter code: empty when the answer held none; then it did not come from SES but from something in between.
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
