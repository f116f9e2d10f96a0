/// The stable word for why a request was refused: `code` in the answers of the API (specification 13.4), by which programs decide.
///
/// A sentence may be reworded in any version; a code stays what it is. A new one is a new case with its ``remedy``.
package enum RefusalCode: String, Sendable, CaseIterable {
    // Authentication and rights
    case malformedAuthorization = "malformed_authorization"
    case unknownKey = "unknown_key"
    case keyDeactivated = "key_deactivated"
    case keyExpired = "key_expired"
    case tooManyFailures = "too_many_failures"
    case rateLimitExceeded = "rate_limit_exceeded"
    case masterRequired = "master_required"
    case scopeMissing = "scope_missing"
    case roleMissing = "role_missing"
    case signInFailed = "sign_in_failed"
    case codeRequired = "code_required"
    case secondFactorRequired = "second_factor_required"
    case confirmationRequired = "confirmation_required"
    case addressNotAllowed = "address_not_allowed"
    case domainNotAllowed = "domain_not_allowed"
    case exceedsOwnRights = "exceeds_own_rights"
    case forbidden
    // Resources
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case alreadyExists = "already_exists"
    case conflict
    case idempotencyConflict = "idempotency_conflict"
    case limitReached = "limit_reached"
    case domainsLimit = "domains_limit"
    case pendingLimit = "pending_limit"
    case nameNotAllowed = "name_not_allowed"
    // The request itself
    case malformedRequest = "malformed_request"
    case missingField = "missing_field"
    case unknownField = "unknown_field"
    case wrongType = "wrong_type"
    case invalidValue = "invalid_value"
    case ceilingExceeded = "ceiling_exceeded"
    case rangeTooLong = "range_too_long"
    case tooLarge = "too_large"
    case unsupportedMediaType = "unsupported_media_type"
    // Sending
    case senderNotAllowed = "sender_not_allowed"
    case domainNotVerified = "domain_not_verified"
    case recipientRefused = "recipient_refused"
    case recipientTakesNoMail = "recipient_takes_no_mail"
    case accountBlocked = "account_blocked"
    case outboundSuspended = "outbound_suspended"
    case dailyLimitExceeded = "daily_limit_exceeded"
    case monthlyLimitExceeded = "monthly_limit_exceeded"
    case warmupLimitExceeded = "warmup_limit_exceeded"
    case spikeDetected = "spike_detected"
    case accountDailyLimitExceeded = "account_daily_limit_exceeded"
    case accountMonthlyLimitExceeded = "account_monthly_limit_exceeded"
    // The service
    case providerError = "provider_error"
    case unavailable
    case internalError = "internal_error"

    /// The code of a refusal that states none: the most general one of its kind.
    package init(_ kind: Refusal.Kind) {
        self =
            switch kind {
            case .unauthenticated: .unknownKey
            case .tooManyFailures: .tooManyFailures
            case .forbidden: .forbidden
            case .notFound: .notFound
            case .alreadyExists: .alreadyExists
            case .conflict: .conflict
            case .invalid: .invalidValue
            case .tooLarge: .tooLarge
            case .badFrom: .senderNotAllowed
            case .badTo: .recipientRefused
            case .blocked: .accountBlocked
            case .quota: .dailyLimitExceeded
            case .upstream: .providerError
            case .unavailable: .unavailable
            }
    }
}

extension RefusalCode {
    /// What to do about it, in one sentence, for the reference of the API.
    package var remedy: String {
        switch self {
        case .malformedAuthorization: "Send the header `Authorization: Bearer` with one token."
        case .unknownKey: "Check that the token is complete, and of this server; a lost one is replaced by a new key."
        case .keyDeactivated: "Activate the key again, or use another one."
        case .keyExpired: "Use another key, or move the expiry of this one."
        case .tooManyFailures: "Wait for `Retry-After`, and find the program at your address that sends wrong tokens."
        case .rateLimitExceeded: "Send fewer requests a second with this key, or wait for `Retry-After`."
        case .masterRequired: "Ask the operator, who has the master token; where a field is named, leave it out."
        case .scopeMissing: "Use a key that has the scope which the message names."
        case .roleMissing: "Ask somebody whose role may do it, or an admin for another role."
        case .signInFailed: "Check address, password and code; ask for a new password where it is lost."
        case .codeRequired: "Send the present code of the second factor as well."
        case .secondFactorRequired: "Sign in to the dashboard, and set up a second factor."
        case .confirmationRequired: "Confirm in the dashboard that it is you, and repeat the request within ten minutes."
        case .addressNotAllowed: "Call from one of the key's `allowed_ips`, or have the address added."
        case .domainNotAllowed: "Use one of the key's `domains`, or another key."
        case .exceedsOwnRights: "Give a key no more scopes, domains, addresses or requests than your own key has."
        case .forbidden: "See the message: this caller may not do that."
        case .notFound: "Check the path and the id; what belongs to another account does not exist for yours."
        case .methodNotAllowed: "Use one of the methods in `Allow`."
        case .alreadyExists: "Use what is there, or choose another name."
        case .conflict: "See the message, change what stands against it, and repeat the request."
        case .idempotencyConflict: "Give each request an `Idempotency-Key` of its own, and repeat a request without changes."
        case .limitReached: "Delete what you no longer need; there may be no more of its kind."
        case .domainsLimit: "Delete domains that you no longer use, or ask the operator for a higher `domains_limit`."
        case .pendingLimit: "Verify the domains that are waiting, or delete them."
        case .nameNotAllowed: "Create a domain that you have registered yourself; others' names are refused."
        case .malformedRequest: "Send a path, a query and a body that can be read: percent-encoded UTF-8, and JSON as a whole."
        case .missingField: "Add the field."
        case .unknownField: "Check the field's spelling; read-only fields are left out."
        case .wrongType: "Send a value of the type that the message names."
        case .invalidValue: "Send a value as the message describes it."
        case .ceilingExceeded: "Choose a limit up to the ceiling, or ask the operator for a higher one."
        case .rangeTooLong: "Ask for a shorter range, and for several in turn."
        case .tooLarge: "Send less in one request; the message names the limit."
        case .unsupportedMediaType: "Send the `Content-Type` that the message names."
        case .senderNotAllowed: "Send from a verified domain of your account, or from one of its verified senders."
        case .domainNotVerified: "Publish the records that `ses-verify` answers with, and wait until the domain is verified."
        case .recipientRefused: "Leave the address out: the operator's settings do not allow to mail it."
        case .recipientTakesNoMail: "Leave the address out: its domain says in the DNS that it takes no mail."
        case .accountBlocked: "Ask the operator for a review; nothing is sent until then."
        case .outboundSuspended: "Ask the operator why the domain is suspended, and to activate it."
        case .dailyLimitExceeded: "Wait for midnight UTC, or have the domain's daily limit raised."
        case .monthlyLimitExceeded: "Wait for the next month (UTC), or have the domain's monthly limit raised."
        case .warmupLimitExceeded: "Wait for midnight UTC: a new domain may send more each day."
        case .spikeDetected: "Spread the emails over some days, or ask the operator to raise `spike_max_multiplier`."
        case .accountDailyLimitExceeded: "Wait for midnight UTC, or ask the operator to raise the account's daily limit."
        case .accountMonthlyLimitExceeded: "Wait for the next month (UTC), or ask the operator to raise the account's monthly limit."
        case .providerError: "See the message of Amazon SES; repeat the request later."
        case .unavailable: "Repeat the request after `Retry-After`; nothing of it was stored."
        case .internalError: "Report it with the time or the `transactionId`; the cause is in the server's log."
        }
    }
}

extension Gate.Reason {
    /// The code of a refusal for this reason, which is the same word; `nil` for a reason that refuses nothing.
    package var code: RefusalCode? { RefusalCode(rawValue: rawValue) }
}
