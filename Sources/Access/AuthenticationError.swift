package import MailModel

/// Why a caller was not authenticated (specification 2.2). Answered 401, or 429 for ``Reason/tooManyFailures(retryAfter:)``.
package struct AuthenticationError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the token.
    package enum Reason: Sendable, Equatable {
        /// No `Authorization` header, or not `Bearer` and one token.
        case malformedHeader
        /// Unknown token.
        case unknownKey
        /// The key is deactivated.
        case deactivated
        /// The key has expired.
        case expired
        /// Too many failures from the client's address: its failures are answered with this for the given whole seconds.
        case tooManyFailures(retryAfter: Int64)
    }

    /// What is wrong with the token.
    package var reason: Reason

    /// A failure for a reason.
    package init(reason: Reason) {
        self.reason = reason
    }

    /// The text for the client, as the specification prescribes it.
    package var description: String {
        switch reason {
        case .malformedHeader: "Invalid authorization header format"
        case .unknownKey: "Invalid API key"
        case .deactivated: "API key is deactivated"
        case .expired: "API key has expired"
        case .tooManyFailures: "Too many failed authentications, try again later"
        }
    }
}

extension AuthenticationError: RefusalConvertible {
    /// 401, or 429 with the time to wait.
    package var refusal: Refusal? {
        guard case .tooManyFailures(let seconds) = reason else { return Refusal(.unauthenticated, description) }
        return Refusal(.tooManyFailures, description, retryAfter: .seconds(seconds))
    }
}
