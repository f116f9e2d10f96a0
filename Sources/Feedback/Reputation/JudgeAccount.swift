package import MailModel
package import Storage

/// Counts bounces and complaints of an account, and judges the account by its counts (specification 8.1): an account that crosses a threshold is
/// warned or blocked, and notified, at once.
///
/// An account whose status is worse than its rates keeps that status: a block until it is reviewed, a warning until the end of the day.
package struct JudgeAccount: Sendable {
    private let accountID: Int64
    private let bounces: Int64
    private let complaints: Int64
    private let reputation: Reputation

    /// - Parameters:
    ///   - accountID: the account that they count for.
    ///   - bounces: those that count (specification 4.4), one for each recipient.
    ///   - complaints: those that count, likewise.
    ///   - reputation: the thresholds.
    package init(accountID: Int64, bounces: Int64, complaints: Int64, reputation: Reputation) {
        self.accountID = accountID
        self.bounces = bounces
        self.complaints = complaints
        self.reputation = reputation
    }

    /// Returns what the account is notified of, when its status has changed.
    @discardableResult
    package func run(in tx: Transaction) throws -> AccountNotice? {
        guard bounces + complaints > 0 else { return nil }
        tx.reputation.count(ReputationCounts(bounces: bounces, complaints: complaints), of: accountID)
        // Locked until the end, so that two nodes see each other's counts: one of them crosses the threshold.
        guard let account = try tx.accounts.findForUpdate(accountID) else { return nil }
        let verdict = reputation.verdict(on: try tx.reputation.lockedWindow(of: accountID))
        guard verdict.status.severity > account.status.severity else { return nil }
        try tx.accounts.update(accountID, status: verdict.status, reason: verdict.explanation)
        let notice = AccountNotice(verdict.status == .blocked ? .accountBlocked : .accountWarning, explanation: verdict.explanation)
        try tx.notices.insert(notice, for: accountID)
        try tx.audit.insert(
            account.change(
                verdict.status == .blocked ? .accountBlock : .accountWarn, to: verdict.status, ["reason": .string(verdict.explanation)]),
            by: .system)
        return notice
    }
}

extension Account {
    /// The row of the audit log about a change of the account's status.
    ///
    /// - Parameter more: what else is there since.
    func change(_ action: AuditAction, to status: Status, _ more: [String: AuditValue] = [:]) -> AuditChange {
        AuditChange(
            action, target: .account(reference), account: id, before: ["status": .string(self.status.rawValue)],
            after: more.merging(["status": .string(status.rawValue)]) { _, new in new })
    }
}
