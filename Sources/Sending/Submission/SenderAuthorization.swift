import MailModel
import Storage

/// Why a principal may send from an address: the account and the domain that the email counts for, and the gate's rules for it
/// (specification 5.1).
struct SenderAuthorization {
    let accountID: Int64
    /// The domain that the email counts for; `nil` for a verified address whose domain is not the account's: then there is only the
    /// account's quota and reputation.
    private(set) var domain: SendingDomain?
    private let gate: Gate

    /// The authorization for an address; `nil` when the principal may not send from it.
    ///
    /// A domain of the caller's that is not verified is authorized too: the gate refuses it, with its own reason.
    init?(_ address: EmailAddress, principal: Principal, gate: Gate, in tx: some ReadableTransaction) throws {
        let own = try Self.domain(of: address.domain, accountID: principal.accountID, gate: gate, in: tx)
        if let own, own.verification.isVerified || (!gate.requireVerified && !own.ownership.isContested) {
            self.init(accountID: own.accountID, domain: own, gate: gate)
        } else if let authorization = try Self.ofVerifiedSender(address, principal: principal, gate: gate, in: tx) {
            self = authorization
        } else if let own {
            self.init(accountID: own.accountID, domain: own, gate: gate)
        } else {
            return nil
        }
    }

    /// The domain that mail of a name counts for: the account's of that name, proven or not, or the nearest proven one above it.
    ///
    /// A name that another account has proven is that one's, with all below it.
    ///
    /// - Parameter accountID: `nil` for the master, who sends for whoever has the domain.
    private static func domain(
        of name: DomainName, accountID: Int64?, gate: Gate, in tx: some ReadableTransaction
    ) throws -> SendingDomain? {
        if let accountID, let own = try tx.domains.find(named: name, of: accountID) { return own }
        for candidate in gate.allowsSubdomains ? name.chargeable : [name] {
            guard let proven = try tx.domains.findProven(candidate) else { continue }
            return accountID == nil || proven.accountID == accountID ? proven : nil
        }
        return accountID == nil ? try tx.domains.find(named: name) : nil
    }

    /// The authorization of a verified address.
    ///
    /// A verified domain of another account takes precedence over it. A domain of the account's own is charged for it, and refuses it where
    /// it is suspended or waits for the operator.
    private static func ofVerifiedSender(
        _ address: EmailAddress, principal: Principal, gate: Gate, in tx: some ReadableTransaction
    ) throws -> SenderAuthorization? {
        guard let sender = try tx.senders.find(address), sender.status == .verified, principal.mayAccess(account: sender.accountID) else {
            return nil
        }
        let own = try domain(of: address.domain, accountID: sender.accountID, gate: gate, in: tx)
        let proven = try tx.domains.findProven(address.domain)
        if let proven, proven.accountID != sender.accountID, proven.verification.isVerified { return nil }
        var gate = gate
        (gate.requireVerified, gate.requireProof) = (false, false)
        return SenderAuthorization(accountID: sender.accountID, domain: own, gate: gate)
    }

    private init(accountID: Int64, domain: SendingDomain?, gate: Gate) {
        self.accountID = accountID
        self.domain = domain
        self.gate = gate
    }

    /// The gate's decision on `count` emails, all or none.
    ///
    /// Allowed emails are counted on the domain and its account.
    ///
    /// - Parameters:
    ///   - count: 0 asks for the decision on one email, and counts nothing.
    ///   - quota: that of the account; `nil` where it has no limits.
    mutating func decide(counting count: Int64, within quota: inout AccountQuota?) -> Gate.Decision {
        guard var domain else { return decideOnSender(count, within: &quota) }
        guard count > 0 else { return gate.decide(on: domain, within: quota, recipients: 1) }
        let decision = domain.admit(count, by: gate, within: &quota)
        self.domain = domain
        return decision
    }

    private func decideOnSender(_ count: Int64, within quota: inout AccountQuota?) -> Gate.Decision {
        guard let limits = quota else { return Gate.Decision(allowed: true, reason: nil) }
        let decision = gate.decide(within: limits, recipients: max(1, count))
        if decision.allowed { quota?.count(count) }
        return decision
    }

    /// The account's limits, its row locked; `nil` where it has none.
    func quota(in tx: Transaction) throws -> AccountQuota? {
        guard let domain else { return try tx.quotas.findForUpdate(ofAccount: accountID) }
        return try tx.quotas.findForUpdate(of: domain)
    }

    /// Records the decision, for the domain or the single sender.
    func record(
        _ decision: Gate.Decision, of count: Int64, from address: EmailAddress, within quota: AccountQuota?, in tx: Transaction
    ) throws {
        if let domain {
            try tx.domains.record(decision, of: count, on: domain, within: quota)
        } else {
            try tx.senders.record(decision, of: count, from: address, accountID: accountID, within: quota)
        }
    }
}
