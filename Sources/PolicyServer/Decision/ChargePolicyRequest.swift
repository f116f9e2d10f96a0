import MailModel
import Storage

/// Charges a domain for a message (specification 11.2): asks the gate, counts what it allows, and stores the answer.
///
/// To be run with ``WriteIntent/charge(_:)`` of the request's domain.
struct ChargePolicyRequest: Sendable {
    private let charge: PolicyCharge
    private let gate: Gate
    private let rules: PolicyRules

    /// - Parameter rules: how unknown domains are answered, and whether a parent domain is charged for them.
    init(_ charge: PolicyCharge, gate: Gate, rules: PolicyRules) {
        self.charge = charge
        self.gate = gate
        self.rules = rules
    }

    /// Returns the answer to the mail server: the first one again where the request is repeated.
    func run(in tx: Transaction) throws -> PolicyAnswer {
        guard var domain = try chargedDomain(in: tx) else {
            return PolicyAnswer(action: PolicyAction(rules.unknownDomain, for: charge.domain), reason: .unknownDomain)
        }
        if let earlier = try charge.key.flatMap(tx.policyAnswers.findYesterdays) { return try repeated(earlier, of: domain.name) }
        var quota = try tx.quotas.findForUpdate(of: domain)
        let decision = domain.admit(charge.recipients, by: gate, within: &quota)
        let action = PolicyAction(decision, on: domain, within: quota, recipients: charge.recipients)
        // Decided before it is known whether the request is repeated, which is rare. A repeated one was counted the first time.
        if let earlier = try charge.key.flatMap({ try tx.policyAnswers.insert(action.description, to: $0) }) {
            return try repeated(earlier, of: domain.name)
        }
        try tx.domains.record(decision, of: charge.recipients, on: domain, within: quota)
        return PolicyAnswer(action: action, reason: .gate(decision.reason), domain: domain.name)
    }

    private func repeated(_ earlier: String, of domain: DomainName) throws -> PolicyAnswer {
        guard let action = PolicyAction(earlier) else { throw StorageError.malformed("policy_instances.answer") }
        return PolicyAnswer(action: action, reason: .repeated, domain: domain)
    }

    /// The domain, or by the rules the nearest known one above it.
    private func chargedDomain(in tx: Transaction) throws -> SendingDomain? {
        for name in rules.usesParentDomain ? charge.domain.chargeable : [charge.domain] {
            if let domain = try tx.domains.findProven(name) ?? ownClaim(on: name, in: tx) { return domain }
        }
        return nil
    }

    /// The claim of the login's account on a name.
    ///
    /// A claim that is not proven has no effect on others: whose login it is is known by a proven domain.
    private func ownClaim(on name: DomainName, in tx: Transaction) throws -> SendingDomain? {
        guard let login = charge.login, try !tx.domains.listClaims(on: name).isEmpty, let owner = try tx.domains.findProven(login) else {
            return nil
        }
        return try tx.domains.find(named: name, of: owner.accountID)
    }
}
