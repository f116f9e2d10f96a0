import MailModel
import Storage

/// On what grounds somebody may write from an address: whose account pays, which domain it counts for, and what the gate asks of that
/// (specification 5.1).
struct SenderAuthorization {
    let accountID: Int64
    /// `nil` for a verified address of no domain of the account: there is no quota then, only the account's reputation.
    private(set) var domain: SendingDomain?
    private let gate: Gate

    /// - Returns: `nil` when there are no grounds. A domain of the caller's that is not verified is one: the gate says so.
    init?(_ address: EmailAddress, principal: Principal, gate: Gate, in context: ReadContext) throws {
        let domain = try context.domain(named: address.domain)
        let own = domain.flatMap { principal.mayAccess(account: $0.accountID) ? $0 : nil }
        if let own, own.verification.isVerified || !gate.requireVerified {
            self.init(accountID: own.accountID, domain: own, gate: gate)
        } else if let license = try Self.ofSender(address, domain: domain, principal: principal, gate: gate, in: context) {
            self = license
        } else if let own {
            self.init(accountID: own.accountID, domain: own, gate: gate)
        } else {
            return nil
        }
    }

    /// The grounds that a verified address has by itself. SES's word for another account's domain is the stronger one.
    private static func ofSender(
        _ address: EmailAddress, domain: SendingDomain?, principal: Principal, gate: Gate, in context: ReadContext
    ) throws -> SenderAuthorization? {
        guard let sender = try context.sender(address), sender.status == .verified, principal.mayAccess(account: sender.accountID) else {
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

    /// What the gate says of so many emails, all or none, which are counted where they may go; of none, what it would say of one.
    mutating func decide(counting count: Int64) -> Gate.Decision {
        guard var domain else { return Gate.Decision(allowed: true, reason: nil) }
        guard count > 0 else { return gate.decide(on: domain, recipients: 1) }
        let decision = domain.admit(count, by: gate)
        self.domain = domain
        return decision
    }
}
