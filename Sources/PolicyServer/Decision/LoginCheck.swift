import MailModel
import Storage

/// Checks that a client who logged in sends for a domain of its own account (specification 11.5).
///
/// Otherwise one customer's mail would be charged to another's domain, which has the limits and the reputation.
///
/// It matters where the sender's domain is charged (`policy.domain` = `sender`). A login whose domain no account has proven to be its own decides
/// nothing: whether it may use the sender is then the mail server's to say (`reject_sender_login_mismatch`).
struct LoginCheck: Sendable {
    private let charge: PolicyCharge
    private let login: DomainName
    private let usesParentDomain: Bool

    /// A check of a charge; `nil` where there is nothing to check.
    init?(_ charge: PolicyCharge, rules: PolicyRules) {
        guard let login = charge.login, login != charge.domain else { return nil }
        self.charge = charge
        self.login = login
        usesParentDomain = rules.usesParentDomain
    }

    /// Returns whether login and sender belong to two accounts.
    func isForeign(in tx: ReadTransaction) throws -> Bool {
        guard let own = try account(of: login, in: tx), let charged = try account(of: charge.domain, in: tx) else { return false }
        return own != charged
    }

    /// The account that has proven a domain, or by the rules the nearest one above it, to be its own.
    private func account(of name: DomainName, in tx: ReadTransaction) throws -> Int64? {
        for name in usesParentDomain ? name.chargeable : [name] {
            if let domain = try tx.domains.findProven(name) { return domain.accountID }
        }
        return nil
    }
}
