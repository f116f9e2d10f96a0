import Hummingbird
import MailModel

/// An answer that is no success, as a handler throws it. How it looks on the wire is the business of ``ErrorShape``.
struct APIError: Error {
    var status: HTTPResponse.Status
    /// A sentence for whoever made the call: `detail`, or `meta.explain`.
    var message: String
    var headers: HTTPFields = [:]
    /// `data.status`, where the refusal is one of an email's.
    var emailStatus: EmailStatus?

    init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:], emailStatus: EmailStatus? = nil) {
        self.status = status
        self.message = message
        self.headers = headers
        self.emailStatus = emailStatus
    }

    /// A value that cannot be.
    static func invalid(_ name: String, _ explanation: String) -> APIError {
        APIError(.unprocessableContent, "\(name): \(explanation)")
    }

    static func notFound(_ what: String) -> APIError {
        APIError(.notFound, "\(what) not found")
    }

    /// The server cannot take the call now, and can in a moment.
    static let unavailable = APIError(.serviceUnavailable, "The service is busy, try again in a moment", headers: [.retryAfter: "1"])

    /// A fault of ours: what it was stands in the log.
    static let internalError = APIError(.internalServerError, "Internal server error")
}
