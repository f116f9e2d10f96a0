package import MailModel
package import Storage

/// How accounts stand, and the operator's word on it (specification 8.1).
package struct ReputationService: Sendable {
    /// By what accounts are judged.
    package let reputation: Reputation
    private let store: Store

    package init(store: Store, reputation: Reputation) {
        self.store = store
        self.reputation = reputation
    }

    /// How an account stands; `nil` when there is none of that reference, or it is not the caller's.
    package func report(of reference: String, by principal: Principal) async throws -> ReputationReport? {
        try await store.read { context in
            guard let account = try context.account(reference: reference), principal.mayAccess(account: account.id) else {
                return nil
            }
            return try context.reputationReport(of: account)
        }
    }

    /// Does what the operator decided. For the master only, which the door sees to.
    ///
    /// - Returns: how the account stands then; `nil` when there is none of that reference.
    package func review(_ reference: String, _ decision: ReviewDecision, note: String?) async throws -> ReputationReport? {
        guard let id = try await store.read({ try $0.account(reference: reference)?.id }) else { return nil }
        return try await store.write(.accounts([id])) { context in
            guard let account = try context.account(id) else { return nil }
            return try context.reputationReport(of: try context.review(account, decision, note: note))
        }
    }
}
