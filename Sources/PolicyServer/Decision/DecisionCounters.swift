import CoreMetrics
import Synchronization

/// `martlet_policy_decisions` by action and reason. Both are of a few words, so the counters are few and kept.
final class DecisionCounters: Sendable {
    private struct Labels: Hashable {
        var action: PolicyAction.Verb
        var reason: PolicyAnswer.Reason
    }

    private let factory: any MetricsFactory
    private let counters = Mutex<[Labels: Counter]>([:])

    init(factory: any MetricsFactory) {
        self.factory = factory
    }

    func count(_ answer: PolicyAnswer) {
        counter(Labels(action: answer.action.verb, reason: answer.reason)).increment()
    }

    private func counter(_ labels: Labels) -> Counter {
        counters.withLock { counters in
            if let counter = counters[labels] { return counter }
            let counter = Counter(
                label: "martlet_policy_decisions",
                dimensions: [("action", labels.action.rawValue.lowercased()), ("reason", labels.reason.description)], factory: factory)
            counters[labels] = counter
            return counter
        }
    }
}
