/// Why a caller could not be told who it is (specification 2.2). Answered 401, and 429 where ``Reason/tooManyFailures(retryAfter:)``.
package struct AuthenticationError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// No `Authorization` header, or not `Bearer` and one token.
        case malformedHeader
        /// Nobody has this token.
        case unknownKey
        /// The key was switched off.
        case deactivated
        case expired
        /// The address failed too often; its failures are answered with this until the given whole seconds have passed.
        case tooManyFailures(retryAfter: Int64)
    }

    package var reason: Reason

    package init(reason: Reason) {
        self.reason = reason
    }

    /// The contract's exact words, for the client.
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
