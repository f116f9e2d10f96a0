/// Why a request was refused: what is wrong, where, and what was expected.
///
/// Nothing was changed or counted for it.
///
/// Services throw or return it whatever the interface; the HTTP interfaces make a status of its ``kind``, the policy daemon an action.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The class of a refusal, by which an interface answers.
    package enum Kind: String, Sendable {
        /// The caller did not prove who it is (HTTP 401).
        case unauthenticated
        /// Too many failed proofs from the caller's address (429).
        case tooManyFailures
        /// The caller may not do this (403).
        case forbidden
        /// The resource does not exist, or belongs to another account (404).
        case notFound
        /// A resource of this name exists (400).
        case alreadyExists
        /// Something that the account or another one has stands against it (409).
        case conflict
        /// A value is malformed or out of range (422).
        case invalid
        /// A body or a value is larger than allowed (413).
        case tooLarge
        /// The sender is unknown, another account's, or not verified (403).
        case badFrom = "bad_from"
        /// The recipient must not be mailed, by the operator's settings (422).
        case badTo = "bad_to"
        /// The account is blocked, or the domain suspended (403).
        case blocked
        /// A hard limit is reached (429).
        case quota
        /// A service that Martlet depends on refused or failed (502).
        case upstream
        /// The server cannot take the request now, and can in a moment (503).
        case unavailable

        /// The status of an HTTP answer.
        package var httpStatus: Int {
            switch self {
            case .alreadyExists: 400
            case .unauthenticated: 401
            case .forbidden, .badFrom, .blocked: 403
            case .notFound: 404
            case .conflict: 409
            case .tooLarge: 413
            case .invalid, .badTo: 422
            case .quota, .tooManyFailures: 429
            case .upstream: 502
            case .unavailable: 503
            }
        }
    }

    /// The class of the refusal.
    package var kind: Kind
    /// The stable word for the reason.
    package var code: RefusalCode
    /// The name of the field that is at fault, as the API calls it; `nil` where none is.
    package var field: String?
    /// A sentence for the caller: what is wrong and what was expected.
    package var explanation: String
    /// How long the same request cannot succeed; `nil` where time does not help.
    package var retryAfter: Duration?
    /// The other fields that are at fault, where the validation found several.
    package var furtherFaults: [FieldFault] = []

    /// The refusal of a kind.
    ///
    /// - Parameters:
    ///   - code: the reason; by default the most general one of the kind.
    ///   - field: the field that is at fault, as the API calls it.
    ///   - explanation: a sentence that names the field where there is one.
    ///   - retryAfter: how long the same request cannot succeed.
    package init(_ kind: Kind, code: RefusalCode? = nil, field: String? = nil, _ explanation: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.code = code ?? RefusalCode(kind)
        self.field = field
        self.explanation = explanation
        self.retryAfter = retryAfter
    }

    /// A malformed or impossible value of a field: `field: explanation`.
    package static func invalid(_ field: String, code: RefusalCode = .invalidValue, _ explanation: String) -> Refusal {
        Refusal(.invalid, code: code, field: field, "\(field): \(explanation)")
    }

    /// A resource that does not exist, or not for this caller: `Domain not found`.
    package static func notFound(_ resource: String) -> Refusal {
        Refusal(.notFound, "\(resource) not found")
    }

    /// Every field that is at fault, with its own sentence; none where the refusal is not about fields.
    package var faults: [FieldFault] {
        let first = field.map { FieldFault(field: $0, code: code, message: explanation) }
        return (first.map { [$0] } ?? []) + furtherFaults
    }

    /// The most faults in one sentence.
    private static let mostFaults = 10

    /// The explanation, with those of the other fields that are at fault.
    package var description: String {
        ([explanation] + furtherFaults.prefix(Self.mostFaults - 1).map(\.message)).joined(separator: "; ")
    }

    /// The status that an answer gives an email that is refused for this; `nil` where a refused email has none.
    package var emailStatus: EmailStatus? {
        switch kind {
        case .badFrom: .badFrom
        case .badTo: .badTo
        case .blocked: .blockedDueBadBehaviour
        default: nil
        }
    }
}

/// A field of a request that is at fault.
package struct FieldFault: Sendable, Equatable {
    /// The field as the API calls it: `subject`, `attachments[0].content`.
    package var field: String
    /// The stable word for what is wrong with it.
    package var code: RefusalCode
    /// A sentence that names the field, what is wrong and what was expected.
    package var message: String

    /// A fault of a field.
    package init(field: String, code: RefusalCode, message: String) {
        self.field = field
        self.code = code
        self.message = message
    }
}

/// An error that is a refusal in the caller's eyes, thrown by a module that has more to say about it in the log.
package protocol RefusalConvertible: Error {
    /// What the caller is told; `nil` for a fault of ours, whose words stay in the log.
    var refusal: Refusal? { get }
}
