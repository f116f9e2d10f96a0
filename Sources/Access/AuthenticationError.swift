package import MailModel

/// Why a caller was not authenticated (specification 2.2), or its key is not accepted now and from there (2.8).
package struct AuthenticationError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the token.
    package enum Reason: Sendable, Equatable {
        /// No `Authorization` header, or not `Bearer` and one token.
        case malformedHeader
        /// A request of the API of SES without a signature in its `Authorization` header.
        case missingSignature
        /// A signature that cannot be read, or does not cover what it has to: a sentence.
        case incompleteSignature(String)
        /// A signature that is not that of the request: a sentence.
        case wrongSignature(String)
        /// A signature of the right key, made too long ago or too far ahead: a sentence.
        case signatureExpired(String)
        /// Unknown token.
        case unknownKey
        /// The key is deactivated.
        case deactivated
        /// The key has expired.
        case expired
        /// Too many failures from the client's address, for the given whole seconds.
        case tooManyFailures(retryAfter: Int64)
        /// The key is bound to other addresses.
        case addressNotAllowed
        /// The key has made as many requests as it may make in a second.
        case rateLimitExceeded(retryAfter: Duration)
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
        case .missingSignature: "The request has no AWS Signature Version 4 in its Authorization header"
        case .incompleteSignature(let text), .wrongSignature(let text), .signatureExpired(let text): text
        case .unknownKey: "Invalid API key"
        case .deactivated: "API key is deactivated"
        case .expired: "API key has expired"
        case .tooManyFailures: "Too many failed authentications, try again later"
        case .addressNotAllowed: "The API key may not be used from this address"
        case .rateLimitExceeded: "The API key has reached its limit of requests a second"
        }
    }
}

extension AuthenticationError: RefusalConvertible {
    /// 401, 403, or 429 with the time to wait.
    package var refusal: Refusal? {
        switch reason {
        case .malformedHeader, .missingSignature, .incompleteSignature:
            Refusal(.unauthenticated, code: .malformedAuthorization, description)
        case .wrongSignature, .signatureExpired: Refusal(.unauthenticated, description)
        case .unknownKey: Refusal(.unauthenticated, code: .unknownKey, description)
        case .deactivated: Refusal(.unauthenticated, code: .keyDeactivated, description)
        case .expired: Refusal(.unauthenticated, code: .keyExpired, description)
        case .tooManyFailures(let seconds): Refusal(.tooManyFailures, description, retryAfter: .seconds(seconds))
        case .addressNotAllowed: Refusal(.forbidden, code: .addressNotAllowed, description)
        case .rateLimitExceeded(let wait): Refusal(.quota, code: .rateLimitExceeded, description, retryAfter: wait)
        }
    }
}
