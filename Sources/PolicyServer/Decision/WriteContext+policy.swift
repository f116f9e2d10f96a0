import MailModel
import Storage

extension WriteContext {
    /// Asks the gate, counts what it lets through, and remembers the answer, all in one transaction.
    func answer(_ charge: PolicyCharge, by gate: Gate, _ rules: PolicyRules) throws -> PolicyAnswer {
        guard var domain = try domain(for: charge.domain, orParent: rules.usesParentDomain) else {
            return PolicyAnswer(action: PolicyAction(rules.unknownDomain, for: charge.domain), reason: .unknownDomain)
        }
        let name = domain.name
        if let earlier = try charge.key.flatMap(yesterdaysPolicyAnswer) { return try repeated(earlier, of: name) }
        let decision = domain.admit(charge.recipients, by: gate)
        let action = PolicyAction(decision, on: domain, recipients: charge.recipients)
        // Decided first and kept if it is new: what is asked twice is rare. What was counted the first time is not counted now.
        if let earlier = try charge.key.flatMap({ try keepPolicyAnswer(action.description, to: $0) }) {
            return try repeated(earlier, of: name)
        }
        if decision.allowed { save(domain) }
        return PolicyAnswer(action: action, reason: .gate(decision.reason), domain: name)
    }

    private func repeated(_ earlier: String, of domain: DomainName) throws -> PolicyAnswer {
        guard let action = PolicyAction(earlier) else { throw StorageError.malformed("policy_instances.answer") }
        return PolicyAnswer(action: action, reason: .repeated, domain: domain)
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
