package import Hummingbird
package import MailModel

/// An error with its HTTP status, as handlers throw it. ``ErrorFormat`` renders it.
package struct APIError: Error {
    /// The status of the answer.
    package var status: HTTPResponse.Status
    /// A sentence for the caller: `detail`, or `meta.explain`.
    package var message: String
    /// Further header fields of the answer.
    package var headers: HTTPFields = [:]
    /// `data.status`, for the refusal of an email.
    package var emailStatus: EmailStatus?

    /// An error with a sentence for the caller.
    package init(
        _ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:], emailStatus: EmailStatus? = nil
    ) {
        self.status = status
        self.message = message
        self.headers = headers
        self.emailStatus = emailStatus
    }

    /// 422: a value that is not valid, of a field or parameter.
    package static func invalid(_ name: String, _ explanation: String) -> APIError {
        APIError(Refusal.invalid(name, explanation))
    }

    /// 404: there is none of its kind, or it is another account's.
    package static func notFound(_ what: String) -> APIError {
        APIError(Refusal.notFound(what))
    }

    /// 500: a bug, whose cause is in the log.
    package static let internalError = APIError(.internalServerError, "Internal server error")
}

extension APIError {
    /// The answer to an error of a service; `nil` for an unexpected one, which is a bug.
    package init?(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let refusal as Refusal: self.init(refusal)
        case let error as any RefusalConvertible:
            guard let refusal = error.refusal else { return nil }
            self.init(refusal)
        default: return nil
        }
    }

    private init(_ refusal: Refusal) {
        let status: HTTPResponse.Status =
            switch refusal.kind {
            case .alreadyExists: .badRequest
            case .unauthenticated: .unauthorized
            case .forbidden, .badFrom, .blocked: .forbidden
            case .notFound: .notFound
            case .conflict: .conflict
            case .tooLarge: .contentTooLarge
            case .invalid, .badTo: .unprocessableContent
            case .quota, .tooManyFailures: .tooManyRequests
            case .upstream: .badGateway
            case .unavailable: .serviceUnavailable
            }
        self.init(status, refusal.explanation, emailStatus: refusal.emailStatus)
        if refusal.kind == .unauthenticated { headers[.wwwAuthenticate] = "Bearer" }
        if let wait = refusal.retryAfter { headers[.retryAfter] = String(max(1, (wait.milliseconds + 999) / 1000)) }
    }
}
