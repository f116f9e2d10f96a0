import Access
import Hummingbird
import MailModel
import Web

extension SESFault {
    /// The answer to an error of a service; `nil` for an unexpected one, which is a bug.
    init?(_ error: any Error) {
        switch error {
        case let fault as SESFault: self = fault
        case let error as AuthenticationError: self.init(error)
        case let error as APIError: self.init(error)
        case let refusal as Refusal: self.init(refusal)
        case let error as any RefusalConvertible:
            guard let refusal = error.refusal else { return nil }
            self.init(refusal)
        default: return nil
        }
    }

    private init(_ error: AuthenticationError) {
        switch error.reason {
        case .missingSignature, .malformedHeader:
            self.init(Code("MissingAuthenticationToken", .forbidden), "Request is missing Authentication Token")
        case .incompleteSignature(let text): self.init(Code("IncompleteSignature"), text)
        case .wrongSignature(let text): self.init(Code("SignatureDoesNotMatch", .forbidden), text)
        case .signatureExpired(let text): self.init(Code("RequestExpired"), text)
        case .unknownKey, .deactivated:
            self.init(Code("InvalidClientTokenId", .forbidden), "The security token included in the request is invalid.")
        case .expired: self.init(Code("ExpiredToken", .forbidden), "The security token included in the request is expired")
        case .addressNotAllowed: self.init(.accessDenied, rest: .accessDeniedException, error.description)
        case .tooManyFailures(let seconds):
            self.init(Code("Throttling", .tooManyRequests), rest: .tooManyRequests, error.description, retryAfter: .seconds(seconds))
        case .rateLimitExceeded(let wait): self.init(Code("Throttling"), rest: .tooManyRequests, "Rate exceeded", retryAfter: wait)
        }
    }

    private init(_ error: APIError) {
        switch error.status {
        case .serviceUnavailable: self.init(.unavailable, error.message, retryAfter: .seconds(1), bulk: .transientFailure)
        case .contentTooLarge:
            self.init(Code("RequestEntityTooLarge", .contentTooLarge), rest: Code("BadRequestException", .contentTooLarge), error.message)
        default: self.init(Code("MalformedQueryString"), rest: Code("BadRequestException"), error.message)
        }
    }

    private init(_ refusal: Refusal) {
        let text = refusal.description
        switch refusal.kind {
        case .unauthenticated: self.init(Code("InvalidClientTokenId", .forbidden), text)
        case .forbidden: self.init(.accessDenied, rest: .accessDeniedException, text)
        case .notFound: self.init(Code("NotFound", .notFound), rest: Code("NotFoundException", .notFound), text)
        case .alreadyExists: self.init(Code("AlreadyExists"), rest: Code("AlreadyExistsException"), text)
        case .conflict: self.init(Code("LimitExceeded"), rest: Code("ConflictException", .conflict), text)
        case .invalid where refusal.field == "template":
            self.init(Code("TemplateDoesNotExist"), rest: Code("NotFoundException", .notFound), text, bulk: .templateNotFound)
        case .invalid, .badTo, .tooLarge: self = .invalid(text)
        case .badFrom: self.init(Code("MessageRejected"), text, bulk: .messageRejected)
        case .blocked:
            self.init(
                Code("AccountSendingPausedException"), rest: Code("SendingPausedException"),
                "Email sending is disabled for your account. \(text)", bulk: .accountSendingPaused)
        case .quota:
            self.init(
                Code("Throttling"), rest: Code("LimitExceededException", .tooManyRequests), "\(refusal.quotaSentence) \(text)",
                retryAfter: refusal.retryAfter, bulk: .accountDailyQuotaExceeded)
        case .tooManyFailures: self.init(Code("Throttling"), rest: .tooManyRequests, text, retryAfter: refusal.retryAfter)
        case .upstream, .unavailable: self.init(.unavailable, text, retryAfter: refusal.retryAfter, bulk: .transientFailure)
        }
    }
}

extension SESFault.Code {
    fileprivate static let accessDenied = SESFault.Code("AccessDenied", .forbidden)
    fileprivate static let accessDeniedException = SESFault.Code("AccessDeniedException", .forbidden)
    fileprivate static let tooManyRequests = SESFault.Code("TooManyRequestsException", .tooManyRequests)
    fileprivate static let unavailable = SESFault.Code("ServiceUnavailable", .serviceUnavailable)
}

extension Refusal {
    /// SES's own sentence for a quota, by which programs know it; SES has none for a month.
    fileprivate var quotaSentence: String {
        switch code {
        case .monthlyLimitExceeded, .accountMonthlyLimitExceeded: "Monthly message quota exceeded."
        default: "Daily message quota exceeded."
        }
    }
}
