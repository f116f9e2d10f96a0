package import CoreMetrics
package import Logging
package import MailModel
import Metering
package import Storage

/// Answers requests: the same gate and the same group commit as the other door.
package struct PolicyService: Sendable {
    private let store: Store
    private let gate: Gate
    private let rules: PolicyRules
    private let decisions: CounterTable<DecisionLabels>
    private let failures: LogThrottle
    private let logger: Logger

    /// - Parameter metrics: where decisions are counted; what was bootstrapped when nothing is given.
    package init(store: Store, gate: Gate, rules: PolicyRules, metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger) {
        self.store = store
        self.gate = gate
        self.rules = rules
        decisions = CounterTable("martlet_policy_decisions_total", metrics)
        failures = LogThrottle()
        self.logger = logger
    }

    /// What to tell the mail server. What is counted is durable when this returns.
    package func action(for request: PolicyRequest) async -> PolicyAction {
        let answer = await answer(to: request)
        decisions.count(DecisionLabels(answer))
        log(answer, to: request)
        return answer.action
    }

    func answer(to request: PolicyRequest) async -> PolicyAnswer {
        switch rules.question(in: request) {
        case .nothing: .notCounted
        case .noDomain: PolicyAnswer(action: PolicyAction(rules.unknownDomain, for: nil), reason: .unknownDomain)
        case .charge(let charge): await answer(charge)
        }
    }

    private func answer(_ charge: PolicyCharge) async -> PolicyAnswer {
        do {
            return try await store.write(.domain(charge.domain)) { [gate, rules] in try $0.answer(charge, by: gate, rules) }
        } catch {
            failures.log { suppressed in
                logger.error(
                    "Policy requests are answered without the database, which fails",
                    metadata: ["error": "\(error)", "policy.on_error": "\(rules.onError.rawValue)", "log.suppressed": "\(suppressed)"])
            }
            return PolicyAnswer(action: PolicyAction(rules.onError), reason: .storageFailed)
        }
    }

    /// Names domains, never addresses.
    private func log(_ answer: PolicyAnswer, to request: PolicyRequest) {
        let isRefused = answer.action.verb == .reject || answer.action.verb == .deferIfPermit
        logger.log(
            level: isRefused && answer.reason != .storageFailed ? .info : .debug,
            isRefused ? "Mail refused" : "Mail not objected to",
            metadata: [
                "domain.name": "\(answer.domain?.description ?? "-")", "policy.action": "\(answer.action.verb.rawValue)",
                "policy.reason": "\(answer.reason)", "policy.instance": "\(PolicyAction(.dunno, request.instance).text)",
            ])
    }
}
