import MailModel
import Metering

/// The answer to a policy request, with the reason for it.
struct PolicyAnswer: Equatable, Sendable {
    var action: PolicyAction
    var reason: Reason
    /// The domain that was charged; `nil` where none was.
    var domain: DomainName?

    /// The reason in the terms of metrics and logs: one of these few, whatever the request says.
    enum Reason: Equatable, Hashable, Sendable, CustomStringConvertible {
        /// The gate's decision.
        case gate(Gate.Reason?)
        /// Another state of the session, or a bounce.
        case notCounted
        /// The client logged in for another account than the sender's domain belongs to.
        case foreignLogin
        /// The domain is not known.
        case unknownDomain
        /// The mail server repeated a request, which was counted the first time.
        case repeated
        /// The database could not be used.
        case storageFailed

        var description: String {
            switch self {
            case .gate(let reason): reason?.rawValue ?? "none"
            case .notCounted: "not_counted"
            case .foreignLogin: "foreign_login"
            case .unknownDomain: "unknown_domain"
            case .repeated: "repeated"
            case .storageFailed: "storage_failed"
            }
        }
    }

    static let notCounted = PolicyAnswer(action: .dunno, reason: .notCounted)
}

/// The labels of `martlet_policy_decisions_total`: action and reason, both with a few values.
struct DecisionLabels: MetricLabels {
    var action: PolicyAction.Verb
    var reason: PolicyAnswer.Reason

    init(_ answer: PolicyAnswer) {
        action = answer.action.verb
        reason = answer.reason
    }

    var dimensions: [(String, String)] { [("action", action.rawValue.lowercased()), ("reason", reason.description)] }
}
