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
        APIError(.unprocessableContent, "\(name): \(explanation)")
    }

    /// 404: there is none of its kind, or it is another account's.
    package static func notFound(_ what: String) -> APIError {
        APIError(.notFound, "\(what) not found")
    }

    /// 503: temporarily overloaded, or without the database.
    package static let unavailable = APIError(
        .serviceUnavailable, "The service is busy, try again in a moment", headers: [.retryAfter: "1"])

    /// 500: a bug, whose cause is in the log.
    package static let internalError = APIError(.internalServerError, "Internal server error")
}
