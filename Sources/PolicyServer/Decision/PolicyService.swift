import Concurrency
package import CoreMetrics
package import Logging
package import MailModel
import Metering
package import Storage

/// Answers policy requests, by the same gate and the same group commit as the emails of the API.
package struct PolicyService: Sendable {
    private let store: Store
    private let gate: Gate
    private let rules: PolicyRules
    private let decisions: CounterTable<DecisionLabels>
    private let failures: LogThrottle
    private let logger: Logger

    /// - Parameters:
    ///   - rules: how a request is read, and what is answered for unknown domains and without the database.
    ///   - metrics: where decisions are counted.
    package init(store: Store, gate: Gate, rules: PolicyRules, metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger) {
        self.store = store
        self.gate = gate
        self.rules = rules
        decisions = CounterTable("martlet_policy_decisions_total", metrics)
        failures = LogThrottle()
        self.logger = logger
    }

    /// Returns the action for a request.
    ///
    /// Its charge is durable by then.
    package func action(for request: PolicyRequest) async -> PolicyAction {
        let answer = await answer(to: request)
        decisions.count(DecisionLabels(answer))
        log(answer, to: request)
        return answer.action
    }

    private func answer(to request: PolicyRequest) async -> PolicyAnswer {
        switch rules.question(in: request) {
        case .nothing: .notCounted
        case .noDomain: PolicyAnswer(action: PolicyAction(rules.unknownDomain, for: nil), reason: .unknownDomain)
        case .charge(let charge): await answer(charge)
        }
    }

    private func answer(_ charge: PolicyCharge) async -> PolicyAnswer {
        do {
            if let check = LoginCheck(charge, rules: rules), try await store.read({ try check.isForeign(in: $0) }) {
                return PolicyAnswer(action: PolicyAction(refusingForeignLoginFor: charge.domain), reason: .foreignLogin)
            }
            let command = ChargePolicyRequest(charge, gate: gate, rules: rules)
            return try await store.write(.charge(charge.domain)) { try command.run(in: $0) }
        } catch {
            failures.log { suppressed in
                logger.error(
                    "Policy requests are answered without the database, which fails",
                    metadata: ["error": "\(error)", "policy.on_error": "\(rules.onError.rawValue)", "log.suppressed": "\(suppressed)"])
            }
            return PolicyAnswer(action: PolicyAction(rules.onError), reason: .storageFailed)
        }
    }

    /// Logs the domain, never addresses.
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
