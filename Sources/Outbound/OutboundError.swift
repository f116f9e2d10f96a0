/// Why a call about domains or senders was refused; nothing was changed.
package struct OutboundError: Error, Equatable, CustomStringConvertible {
    /// The kind of refusal, which decides the HTTP status.
    package enum Code: Sendable, Equatable {
        /// There is no such domain or sender, or it is another account's (404).
        case notFound
        /// The name is taken (400).
        case alreadyExists
        /// The state of this or another account forbids it (409).
        case conflict
        /// Only the master may do that (403).
        case forbidden
        /// A value is out of range or malformed (422).
        case invalid(field: String)
    }

    /// The kind of refusal.
    package let code: Code
    /// A sentence for the caller, `detail` of the answer.
    package let description: String

    static let notFound = OutboundError(code: .notFound, description: "Domain not found")
    static let alreadyExists = OutboundError(code: .alreadyExists, description: "Domain already exists")
    static let unknownSender = OutboundError(code: .notFound, description: "Sender not found")
    static let takenSender = OutboundError(code: .conflict, description: "email: the address or its domain belongs to another account")
    static let tooManySenders = OutboundError(
        code: .conflict, description: "email: the account has \(SenderService.maximumPerAccount) senders, the most that are allowed")

    static func masterOnly(_ field: String) -> OutboundError {
        OutboundError(code: .forbidden, description: "Master token required to change \(field)")
    }

    static func invalid(_ field: String, _ explanation: String) -> OutboundError {
        OutboundError(code: .invalid(field: field), description: "\(field): \(explanation)")
    }
}
