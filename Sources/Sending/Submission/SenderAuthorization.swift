import MailModel
import Storage

/// Why a principal may send from an address: the account and the domain that the email counts for, and the gate's rules for it
/// (specification 5.1).
struct SenderAuthorization {
    let accountID: Int64
    /// The domain that the email counts for; `nil` for a verified address whose domain is not the account's: then there is no quota, only
    /// the account's reputation.
    private(set) var domain: SendingDomain?
    private let gate: Gate

    /// The authorization for an address; `nil` when the principal may not send from it.
    ///
    /// A domain of the caller's that is not verified is authorized too: the gate refuses it, with its own reason.
    init?(_ address: EmailAddress, principal: Principal, gate: Gate, in tx: some ReadableTransaction) throws {
        let domain = try tx.domains.find(named: address.domain)
        let own = domain.flatMap { principal.mayAccess(account: $0.accountID) ? $0 : nil }
        if let own, own.verification.isVerified || !gate.requireVerified {
            self.init(accountID: own.accountID, domain: own, gate: gate)
        } else if let authorization = try Self.ofVerifiedSender(address, domain: domain, principal: principal, gate: gate, in: tx) {
            self = authorization
        } else if let own {
            self.init(accountID: own.accountID, domain: own, gate: gate)
        } else {
            return nil
        }
    }

    /// The authorization of a verified address. A verified domain of another account takes precedence over it.
    private static func ofVerifiedSender(
        _ address: EmailAddress, domain: SendingDomain?, principal: Principal, gate: Gate, in tx: some ReadableTransaction
    ) throws -> SenderAuthorization? {
        guard let sender = try tx.senders.find(address), sender.status == .verified, principal.mayAccess(account: sender.accountID) else {
            return nil
        }
        let isOwn = domain?.accountID == sender.accountID
        if let domain, !isOwn, domain.verification.isVerified { return nil }
        var gate = gate
        gate.requireVerified = false
        return SenderAuthorization(accountID: sender.accountID, domain: isOwn ? domain : nil, gate: gate)
    }

    private init(accountID: Int64, domain: SendingDomain?, gate: Gate) {
        self.accountID = accountID
        self.domain = domain
        self.gate = gate
    }

    /// The gate's decision on `count` emails, all or none. Allowed emails are counted on the domain.
    ///
    /// - Parameter count: 0 asks for the decision on one email, and counts nothing.
    mutating func decide(counting count: Int64) -> Gate.Decision {
        guard var domain else { return Gate.Decision(allowed: true, reason: nil) }
        guard count > 0 else { return gate.decide(on: domain, recipients: 1) }
        let decision = domain.admit(count, by: gate)
        self.domain = domain
        return decision
    }
}
