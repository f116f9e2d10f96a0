package import MailModel
package import Storage

/// Records and carries out what the operator decided about an account (specification 4.4).
///
/// The account is notified.
///
/// To be run with the intent ``WriteIntent/accounts(_:)``.
package struct ReviewAccount: Sendable {
    private let account: Account
    private let decision: ReviewDecision
    private let note: String?
    private let principal: Principal

    /// - Parameters:
    ///   - note: the operator's reason, which the account is sent with the decision; `nil` for none.
    ///   - principal: who has decided.
    package init(account: Account, decision: ReviewDecision, note: String?, by principal: Principal) {
        self.principal = principal
        self.account = account
        self.decision = decision
        self.note = note
    }

    /// Returns the account with the status that it has after the review.
    package func run(in tx: Transaction) throws -> Account {
        // Another node may have changed the status since it was read: the review is of the present one.
        let account = try tx.accounts.findForUpdate(account.id) ?? account
        try tx.reputation.insert(AccountReview(decision: decision, note: note, status: account.status, at: tx.now), of: account.id)
        let reviewed = try carryOut(on: account, in: tx)
        try tx.audit.insert(
            account.change(decision.action, to: reviewed.status, ["decision": .string(decision.rawValue), "note": .optional(note)]),
            by: .principal(principal))
        try notify(account, .accountReviewed, "review: \(decision.rawValue)\(suffix)", in: tx)
        return reviewed
    }

    private func carryOut(on account: Account, in tx: Transaction) throws -> Account {
        var reviewed = account
        switch decision {
        case .keep: break
        case .lift:
            reviewed.status = .ok
            try tx.accounts.update(account.id, status: .ok, reason: nil)
            try tx.reputation.restartWindow(of: account.id)
        case .block:
            reviewed.status = .blocked
            let reason = "blocked by the operator\(suffix)"
            try tx.accounts.update(account.id, status: .blocked, reason: reason)
            if account.status != .blocked { try notify(account, .accountBlocked, reason, in: tx) }
        }
        return reviewed
    }

    /// The note, as it stands behind the decision.
    private var suffix: String { note.map { ": \($0)" } ?? "" }

    private func notify(_ account: Account, _ event: AccountNotice.Event, _ explanation: String, in tx: Transaction) throws {
        try tx.notices.insert(AccountNotice(event, explanation: explanation), for: account.id)
    }
}

extension ReviewDecision {
    /// What the audit log calls it.
    fileprivate var action: AuditAction {
        switch self {
        case .lift: .accountLift
        case .keep: .accountKeep
        case .block: .accountBlock
        }
    }
}
