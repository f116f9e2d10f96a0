import MailModel
import Storage

extension WriteContext {
    /// Asks the gate, counts what it lets through, and remembers the answer, all in one transaction.
    func answer(_ charge: PolicyCharge, by gate: Gate, _ rules: PolicyRules) throws -> PolicyAnswer {
        guard var domain = try domain(for: charge.domain, orParent: rules.usesParentDomain) else {
            return PolicyAnswer(action: PolicyAction(rules.unknownDomain, for: charge.domain), reason: .unknownDomain)
        }
        if let key = charge.key, let earlier = try policyAnswer(to: key).flatMap(PolicyAction.init) {
            return PolicyAnswer(action: earlier, reason: .repeated, domain: domain.name)
        }
        let decision = domain.admit(charge.recipients, by: gate)
        if decision.allowed { save(domain) }
        let action = PolicyAction(decision, on: domain, recipients: charge.recipients)
        if let key = charge.key { try keepPolicyAnswer(action.description, to: key) }
        return PolicyAnswer(action: action, reason: .gate(decision.reason), domain: domain.name)
    }

    private func domain(for name: DomainName, orParent usesParent: Bool) throws -> SendingDomain? {
        var candidate: DomainName? = name
        while let name = candidate {
            if let domain = try domain(named: name) { return domain }
            candidate = usesParent ? name.parent : nil
        }
        return nil
    }
}
