package import Hummingbird
package import MailModel

/// An error with its HTTP status, as handlers throw it.
///
/// ``ErrorFormat`` renders it in the form of the route.
package struct APIError: Error {
    /// The status of the answer.
    package var status: HTTPResponse.Status
    /// The stable word for the reason: `code`, or `meta.code`.
    package var code: RefusalCode
    /// A sentence for the caller: `detail`, or `meta.explain`.
    package var message: String
    /// Every field that is at fault: `errors`, or `meta.errors`.
    package var faults: [FieldFault] = []
    /// Further header fields of the answer.
    package var headers: HTTPFields = [:]
    /// `data.status`, for the refusal of an email.
    package var emailStatus: EmailStatus?

    /// An error with a sentence for the caller.
    ///
    /// - Parameter code: the reason; by default the most general one of the status.
    package init(
        _ status: HTTPResponse.Status, code: RefusalCode? = nil, _ message: String, headers: HTTPFields = [:],
        emailStatus: EmailStatus? = nil
    ) {
        self.status = status
        self.code = code ?? .general(of: status)
        self.message = message
        self.headers = headers
        self.emailStatus = emailStatus
    }

    /// 422: a value that is not valid, of a field or parameter.
    package static func invalid(_ name: String, code: RefusalCode = .invalidValue, _ explanation: String) -> APIError {
        APIError(Refusal.invalid(name, code: code, explanation))
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

    private static let statuses: [HTTPResponse.Status] = [
        .badRequest, .unauthorized, .forbidden, .notFound, .conflict, .contentTooLarge, .unprocessableContent, .tooManyRequests,
        .badGateway, .serviceUnavailable,
    ]

    /// The answer to a refusal of a service.
    package init(_ refusal: Refusal) {
        // One made of the number alone would have no words in the status line.
        let status = Self.statuses.first { $0.code == refusal.kind.httpStatus } ?? .internalServerError
        self.init(status, code: refusal.code, refusal.description, emailStatus: refusal.emailStatus)
        faults = refusal.faults
        if refusal.kind == .unauthenticated { headers[.wwwAuthenticate] = "Bearer" }
        if let wait = refusal.retryAfter { headers[.retryAfter] = String(max(1, (wait.milliseconds + 999) / 1000)) }
    }
}

extension RefusalCode {
    /// The most general code of a status, for an error that states none.
    fileprivate static func general(of status: HTTPResponse.Status) -> RefusalCode {
        switch status {
        case .badRequest: .malformedRequest
        case .unauthorized: .unknownKey
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .conflict
        case .contentTooLarge: .tooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .tooManyRequests: .rateLimitExceeded
        case .badGateway: .providerError
        case .serviceUnavailable: .unavailable
        default: status.kind == .serverError ? .internalError : .invalidValue
        }
    }
}
