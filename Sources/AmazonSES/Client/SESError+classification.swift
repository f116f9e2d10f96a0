extension SESError {
    /// Codes by which AWS asks for fewer requests (botocore, `_retry.json`).
    static let throttlingCodes: Set = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown",
    ]

    /// Codes that no single email is to blame for: sending is switched off, or this program is not let in.
    ///
    /// The first are SES's (API reference, `SendRawEmail`), the others the common errors of all AWS services.
    static let pausingCodes: Set = [
        "AccountSendingPausedException", "AccountSendingPaused", "ConfigurationSetSendingPausedException", "ConfigurationSetSendingPaused",
        "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId",
        "InvalidSignatureException", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired", "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]

    /// 4xx codes that pass by themselves.
    static let passingCodes: Set = [
        "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "InternalFailure", "ServiceUnavailable",
    ]

    static func outcome(code: String, message: String, httpStatus: Int) -> Outcome {
        if pausingCodes.contains(code) { return .paused }
        if throttlingCodes.contains(code) {
            // SES says `Throttling` for both of its limits (developer guide, "Errors related to sending quotas"): only the rate's passes
            // soon.
            return message.contains("Daily message quota exceeded") ? .paused : .retry
        }
        if httpStatus >= 500 || httpStatus == 429 || passingCodes.contains(code) { return .retry }
        // An answer without a code of SES is no verdict on the email: a proxy or a wrong endpoint. Too large stays too large.
        if code.isEmpty { return httpStatus == 413 ? .permanent : .retry }
        return .permanent
    }
}
