package import MailModel
package import Storage

/// The reputation of accounts, and the operator's reviews of them (specification 8.1).
package struct ReputationService: Sendable {
    /// The thresholds by which accounts are judged.
    package let reputation: Reputation
    private let store: Store

    /// - Parameter reputation: the thresholds by which accounts are judged.
    package init(store: Store, reputation: Reputation) {
        self.store = store
        self.reputation = reputation
    }

    /// Returns the reputation of an account; `nil` when there is none of that reference, or the caller may not access it.
    package func report(of reference: String, by principal: Principal) async throws -> ReputationReport? {
        try await store.read { tx in
            guard let account = try tx.accounts.find(reference: reference), principal.mayAccess(account: account.id) else {
                return nil
            }
            return try tx.reputation.report(of: account)
        }
    }

    /// Records and carries out what the operator decided about an account.
    ///
    /// Only the master may call it, which the caller has to check.
    ///
    /// - Returns: the account's reputation after the review; `nil` when there is none of that reference.
    package func review(
        _ reference: String, _ decision: ReviewDecision, note: String?, by principal: Principal
    ) async throws -> ReputationReport? {
        guard let id = try await store.read({ try $0.accounts.find(reference: reference)?.id }) else { return nil }
        return try await store.write(.accounts([id])) { tx in
            guard let account = try tx.accounts.find(id) else { return nil }
            let command = ReviewAccount(account: account, decision: decision, note: note, by: principal)
            return try tx.reputation.report(of: try command.run(in: tx))
        }
    }
}
