import Access
import Hummingbird
import MailModel
import Web

/// An error in the words of Amazon SES: its code and status in both versions of the API, and a sentence.
///
/// Sources: Amazon SES API references of both versions, "Common errors" and the errors of each call.
struct SESFault: Error, Equatable {
    /// A code with the status of its answer.
    struct Code: Equatable {
        var name: String
        var status: HTTPResponse.Status

        init(_ name: String, _ status: HTTPResponse.Status = .badRequest) {
            self.name = name
            self.status = status
        }
    }

    /// In version 1.
    var query: Code
    /// In version 2.
    var rest: Code
    var message: String
    /// How long the same request cannot succeed; `nil` where time does not help.
    var retryAfter: Duration?
    /// The item's status in the answer of a bulk call.
    var bulk = BulkStatus.invalidParameter

    /// - Parameter rest: the code of version 2, where it has another one.
    init(_ query: Code, rest: Code? = nil, _ message: String, retryAfter: Duration? = nil, bulk: BulkStatus = .invalidParameter) {
        self.query = query
        self.rest = rest ?? query
        self.message = message
        self.retryAfter = retryAfter
        self.bulk = bulk
    }
}

/// The outcome of one email of a bulk call: SES's word for it in version 2; version 1 has the same words in another spelling.
enum BulkStatus: String {
    case success = "SUCCESS"
    case messageRejected = "MESSAGE_REJECTED"
    case accountDailyQuotaExceeded = "ACCOUNT_DAILY_QUOTA_EXCEEDED"
    case accountSendingPaused = "ACCOUNT_SENDING_PAUSED"
    case templateNotFound = "TEMPLATE_NOT_FOUND"
    case invalidParameter = "INVALID_PARAMETER"
    case transientFailure = "TRANSIENT_FAILURE"
    case failed = "FAILED"

    /// The word of version 1.
    var queryName: String {
        switch self {
        case .success: "Success"
        case .messageRejected: "MessageRejected"
        case .accountDailyQuotaExceeded: "AccountDailyQuotaExceeded"
        case .accountSendingPaused: "AccountSendingPaused"
        case .templateNotFound: "TemplateDoesNotExist"
        case .invalidParameter: "InvalidParameterValue"
        case .transientFailure: "TransientFailure"
        case .failed: "Failed"
        }
    }
}

extension SESFault {
    /// A value that is not valid.
    static func invalid(_ message: String) -> SESFault {
        SESFault(Code("InvalidParameterValue"), rest: Code("BadRequestException"), message)
    }

    /// A parameter that is missing.
    static func missing(_ name: String) -> SESFault {
        SESFault(
            Code("ValidationError"), rest: Code("BadRequestException"),
            "1 validation error detected: Value at '\(name)' failed to satisfy constraint: Member must not be null")
    }

    /// A request that cannot be read.
    static func malformed(_ message: String) -> SESFault {
        SESFault(Code("MalformedQueryString"), rest: Code("BadRequestException"), message)
    }

    /// A part of SES's API that is not supported here.
    static func unsupported(_ what: String) -> SESFault {
        SESFault(Code("InvalidParameterCombination"), rest: Code("BadRequestException"), "\(what) is not supported.")
    }

    /// A call that there is not.
    static func unknownAction(_ name: String) -> SESFault {
        SESFault(
            Code("InvalidAction"), rest: Code("UnknownOperationException", .notFound),
            "Could not find operation \(Fields.shown(name)) for version 2010-12-01.")
    }

    /// A fault of ours.
    static let internalFailure = SESFault(
        Code("InternalFailure", .internalServerError), rest: Code("InternalServiceErrorException", .internalServerError),
        "The request processing has failed because of an unknown error, exception or failure.", bulk: .failed)

    /// The sender may not be used.
    ///
    /// - Parameters:
    ///   - sender: as it was given.
    ///   - region: the region that the request was signed for.
    static func rejected(sender: String, region: String, _ explanation: String) -> SESFault {
        SESFault(
            Code("MessageRejected"),
            "Email address is not verified. The following identities failed the check in region \(region.uppercased()): \(Fields.shown(sender)). \(explanation)",
            bulk: .messageRejected)
    }
}
