package import MailModel

// What becomes of a decision of the gate, the same for every interface.

extension Domains where Tx == Transaction {
    /// Records what the gate has decided about a message of a domain: what it has admitted is counted for the domain and its account, what it has
    /// refused for the usage alone.
    ///
    /// The account is told of limits that the message has nearly or wholly used up.
    ///
    /// - Parameters:
    ///   - domain: the domain after the decision.
    ///   - quota: that of its account after it; `nil` where the account has no limits.
    package func record(_ decision: Gate.Decision, of recipients: Int64, on domain: SendingDomain, within quota: AccountQuota?) throws {
        guard decision.allowed else {
            return tx.usage.count(UsageCounts(refused: recipients), of: .domain(domain.id), accountID: domain.accountID)
        }
        update(domain)
        try tx.notices.insertQuotas(of: domain, counting: recipients)
        if let quota { try tx.quotas.record(quota, counting: recipients) }
    }
}

extension Senders where Tx == Transaction {
    /// Records what the gate has decided about a message of a single sender, as ``Domains/record(_:of:on:within:)``.
    package func record(
        _ decision: Gate.Decision, of recipients: Int64, from address: EmailAddress, accountID: Int64, within quota: AccountQuota?
    ) throws {
        guard decision.allowed else {
            return tx.usage.count(UsageCounts(refused: recipients), of: .sender(address), accountID: accountID)
        }
        tx.reputation.countSent(recipients, of: accountID)
        tx.usage.count(UsageCounts(sent: recipients), of: .sender(address), accountID: accountID)
        if let quota { try tx.quotas.record(quota, counting: recipients) }
    }
}
