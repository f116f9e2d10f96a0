import MailModel
import Storage

/// An account named by a caller, who may see it or not: for a client, another account does not exist.
struct OwnedAccount: Sendable {
    let reference: String
    let principal: Principal

    /// Returns the account, or a ``Refusal``.
    func find(in tx: some ReadableTransaction) throws -> Result<Account, Refusal> {
        guard let account = try tx.accounts.find(reference: reference), principal.mayAccess(account: account.id) else {
            return .failure(.unknownAccount)
        }
        return .success(account)
    }
}

/// Changes the limits of an account, whose row its intent has locked.
struct UpdateAccountLimits: Sendable {
    let accountID: Int64
    let changes: AccountLimitsChanges
    let principal: Principal

    /// Returns the limits with their use, or a ``Refusal``.
    func run(in tx: Transaction) throws -> Result<AccountOutbound, Refusal> {
        guard let account = try tx.accounts.findForUpdate(accountID) else { return .failure(.unknownAccount) }
        let before = try tx.quotas.find(accountID).limits
        var limits = before
        limits.apply(changes)
        if limits != before {
            try tx.quotas.update(accountID, limits: limits)
            let change = AuditChange(
                .accountLimits, target: .account(account.reference), account: accountID, before: before.auditValues,
                after: limits.auditValues)
            try tx.audit.insert(change, by: .principal(principal))
            // A limit that was lowered may be used up already.
            try tx.notices.insertQuotas(of: try tx.quotas.find(accountID), counting: nil)
        }
        return .success(try tx.quotas.outbound(of: account))
    }
}

extension AccountLimits {
    fileprivate var auditValues: [String: AuditValue] {
        [
            "daily_limit": .integer(dailyLimit), "monthly_limit": .integer(monthlyLimit), "enforcement": .string(enforcement.rawValue),
            "domains_limit": .integer(domainsLimit),
        ]
    }
}

extension Refusal {
    static let unknownAccount = notFound("Account")
}
