import Metering

/// What `martlet_policy_decisions_total` tells apart: action and reason, both of a few words.
struct DecisionLabels: MetricLabels {
    var action: PolicyAction.Verb
    var reason: PolicyAnswer.Reason

    init(_ answer: PolicyAnswer) {
        action = answer.action.verb
        reason = answer.reason
    }

    var dimensions: [(String, String)] { [("action", action.rawValue.lowercased()), ("reason", reason.description)] }
}
