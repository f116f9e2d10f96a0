import Access
import AmazonSES
import Callbacks
import Hummingbird
import MailModel
import Outbound
import Sending
import Storage

extension APIError {
    /// The answer to an error of a service or of storage; `nil` for an unexpected error, which is a bug.
    package init?(_ error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as AuthenticationError: self.init(error)
        case let error as OutboundError: self.init(error)
        case let error as KeyError: self.init(error)
        case let error as SubmissionRefusal: self.init(error)
        case let error as SuppressionEntry.Invalid: self = .invalid(error.field, error.explanation)
        case let error as CallbackError: self.init(error.code == .notFound ? .notFound : .unprocessableContent, error.description)
        case let error as SESError: self.init(.badGateway, error.description)
        case StorageError.overloaded, StorageError.unavailable: self = .unavailable
        default: return nil
        }
    }

    private init(_ error: AuthenticationError) {
        switch error.reason {
        case .tooManyFailures(let seconds):
            self.init(.tooManyRequests, error.description, headers: [.retryAfter: String(seconds)])
        case .malformedHeader, .unknownKey, .deactivated, .expired:
            self.init(.unauthorized, error.description, headers: [.wwwAuthenticate: "Bearer"])
        }
    }

    private init(_ error: OutboundError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.description)
        case .alreadyExists: self.init(.badRequest, error.description)
        case .conflict: self.init(.conflict, error.description)
        case .forbidden: self.init(.forbidden, error.description)
        case .invalid: self.init(.unprocessableContent, error.description)
        }
    }

    private init(_ refusal: SubmissionRefusal) {
        let status: HTTPResponse.Status =
            switch refusal.kind {
            case .invalid, .badTo: .unprocessableContent
            case .tooLarge: .contentTooLarge
            case .badFrom, .blocked: .forbidden
            case .quota: .tooManyRequests
            case .conflict: .conflict
            }
        self.init(status, refusal.explanation, emailStatus: refusal.status)
        if let wait = refusal.retryAfter { headers[.retryAfter] = String(max(1, (wait.milliseconds + 999) / 1000)) }
    }

    private init(_ error: KeyError) {
        switch error.code {
        case .notFound: self.init(.notFound, error.description)
        case .invalid: self.init(.unprocessableContent, error.description)
        }
    }
}
