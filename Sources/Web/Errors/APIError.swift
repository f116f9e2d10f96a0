package import Hummingbird
package import MailModel

/// An answer that is no success, as a handler throws it. How it looks on the wire is the business of ``ErrorFormat``.
package struct APIError: Error {
    package var status: HTTPResponse.Status
    /// A sentence for whoever made the call: `detail`, or `meta.explain`.
    package var message: String
    package var headers: HTTPFields = [:]
    /// `data.status`, where the refusal is one of an email's.
    package var emailStatus: EmailStatus?

    package init(
        _ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:], emailStatus: EmailStatus? = nil
    ) {
        self.status = status
        self.message = message
        self.headers = headers
        self.emailStatus = emailStatus
    }

    /// A value that cannot be.
    package static func invalid(_ name: String, _ explanation: String) -> APIError {
        APIError(.unprocessableContent, "\(name): \(explanation)")
    }

    package static func notFound(_ what: String) -> APIError {
        APIError(.notFound, "\(what) not found")
    }

    /// The server cannot take the call now, and can in a moment.
    package static let unavailable = APIError(
        .serviceUnavailable, "The service is busy, try again in a moment", headers: [.retryAfter: "1"])

    /// A fault of ours: what it was stands in the log.
    package static let internalError = APIError(.internalServerError, "Internal server error")
}
