import MailModel

/// What is told to the mail server, and why.
struct PolicyAnswer: Equatable, Sendable {
    var action: PolicyAction
    var reason: Reason
    /// Whose mail it is, where that is one of ours.
    var domain: DomainName?

    /// Why, in words that metrics and logs share: of these few, whatever is sent to us.
    enum Reason: Equatable, Hashable, Sendable, CustomStringConvertible {
        case gate(Gate.Reason?)
        /// Another state of the session, or a bounce.
        case notCounted
        case unknownDomain
        /// The mail server asked again; what it was told the first time was counted then.
        case repeated
        case storageFailed

        var description: String {
            switch self {
            case .gate(let reason): reason?.rawValue ?? "none"
            case .notCounted: "not_counted"
            case .unknownDomain: "unknown_domain"
            case .repeated: "repeated"
            case .storageFailed: "storage_failed"
            }
        }
    }

    static let notCounted = PolicyAnswer(action: .dunno, reason: .notCounted)
}
