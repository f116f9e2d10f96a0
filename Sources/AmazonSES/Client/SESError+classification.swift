extension SESError {
    /// Codes by which AWS asks for fewer requests (botocore, `_retry.json`).
    static let throttlingCodes: Set = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException", "LimitExceededException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown",
    ]

    /// Codes that concern no single email: sending is disabled, or this program has no access.
    ///
    /// The first lines are SES's (API references, `SendEmail` and `SendRawEmail`), the others the common errors of all AWS services. What does
    /// not exist when an email is sent is a configuration set or a tenant, which an operator has to make or to name rightly.
    static let pausingCodes: Set = [
        "SendingPausedException", "AccountSuspendedException", "NotFoundException",
        "AccountSendingPausedException", "AccountSendingPaused", "ConfigurationSetSendingPausedException", "ConfigurationSetSendingPaused",
        "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId",
        "InvalidSignatureException", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired", "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]

    /// 4xx codes that are temporary.
    static let passingCodes: Set = [
        "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "InternalFailure", "ServiceUnavailable",
    ]

    static func outcome(code: String, message: String, httpStatus: Int) -> Outcome {
        if pausingCodes.contains(code) { return .paused }
        if throttlingCodes.contains(code) {
            // SES returns the same code for both of its limits (developer guide, "Errors related to sending quotas"): only the one of the
            // rate is over soon.
            return message.contains("Daily message quota exceeded") ? .paused : .retry
        }
        if httpStatus >= 500 || httpStatus == 429 || passingCodes.contains(code) { return .retry }
        // Without a code, the answer comes from a proxy or a wrong endpoint and says nothing of the email, except that it is too large.
        if code.isEmpty { return httpStatus == 413 ? .permanent : .retry }
        return .permanent
    }
}

extension SESError {
    /// The scope whose mail SES does not accept at present.
    package enum PausedScope: Sendable, Equatable {
        /// All mail.
        case account
        /// The mail of the configuration set that was named in the call.
        case configurationSet
        /// The mail of the tenant that was named in the call.
        case tenant
        /// All mail, or that of the message's tenant, configuration set or identity: the error does not say which.
        case unknown
        /// The mail of a domain or an address, in lower case.
        case identity(String)
    }

    /// Whether SES has refused a call for its tenant, which does not exist or is not associated with what is named beside it.
    package var isAboutTenant: Bool {
        guard outcome == .permanent || code == "NotFoundException" else { return false }
        let text = message.lowercased()
        return text.contains("tenant") && (code == "NotFoundException" || text.contains("associat"))
    }

    private static let configurationSetCodes: Set = ["ConfigurationSetSendingPausedException", "ConfigurationSetSendingPaused"]
    static let denialCodes: Set = ["AccessDenied", "AccessDeniedException", "NotAuthorized"]

    /// The scope whose mail waits where ``outcome-swift.property`` is ``Outcome-swift.enum/paused``; `nil` with any other outcome.
    ///
    /// An error of a denying policy names the resource (IAM user guide, "Troubleshoot access denied error messages"): `… is not authorized
    /// to perform: ses:SendRawEmail on resource: arn:aws:ses:eu-west-1:123456789012:identity/shop.example because …`.
    package var pausedScope: PausedScope? {
        guard outcome == .paused else { return nil }
        if Self.configurationSetCodes.contains(code) { return .configurationSet }
        if code == "SendingPausedException" { return .unknown }
        if code == "NotFoundException" { return message.lowercased().contains("tenant") ? .tenant : .configurationSet }
        guard Self.denialCodes.contains(code), let resource = deniedResource else { return .account }
        if resource.hasPrefix("configuration-set/") { return .configurationSet }
        if resource.hasPrefix("tenant/") { return .tenant }
        guard resource.hasPrefix("identity/") else { return .account }
        let name = resource.dropFirst("identity/".count)
        return name.isEmpty || name.contains("*") ? .account : .identity(name.lowercased())
    }

    /// The resource in the ARN that the message names as denied.
    private var deniedResource: Substring? {
        guard let place = message.firstRange(of: "on resource"),
            let start = message[place.upperBound...].firstRange(of: "arn:")?.lowerBound
        else { return nil }
        let arn = message[start...].prefix { !$0.isWhitespace && !"`'\",".contains($0) }
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "ses" else { return nil }
        // The ARN may be at the end of a sentence.
        return parts[5].last == "." ? parts[5].dropLast() : parts[5]
    }
}
