package import MailModel
import Storage

extension CallbackService {
    /// The account's secret, made when it is first asked for.
    package func secret(of account: Account) async throws -> CallbackSecret {
        try await store.write { try $0.callbackSecret(of: account.id) }
    }

    /// Gives the account a new secret; the present one stays valid beside it for `overlap`.
    package func rotateSecret(of account: Account, overlap: Duration = defaultOverlap) async throws -> CallbackSecret {
        try await store.write { try $0.rotateCallbackSecret(of: account.id, overlap: overlap) }
    }

    /// Deliveries of an account, newest first.
    package func deliveries(
        of account: Account, status: CallbackDelivery.Status?, email: EmailID?, after: CallbackID?, limit: Int
    ) async throws -> [CallbackDelivery] {
        guard let email else {
            return try await store.read {
                try $0.callbackDeliveries(of: account.id, status: status, after: after, limit: limit)
            }
        }
        let all = try await store.read { try $0.callbackDeliveries(of: email) }
        let start = after.flatMap { after in all.firstIndex { $0.id == after }.map { $0 + 1 } } ?? 0
        return Array(all[start...].lazy.filter { $0.accountID == account.id && (status ?? $0.status) == $0.status }.prefix(limit))
    }

    package func delivery(_ id: CallbackID, by principal: Principal) async throws -> CallbackDelivery? {
        try await store.read { try $0.callbackDelivery(id).flatMap { principal.mayAccess(account: $0.accountID) ? $0 : nil } }
    }

    /// Makes a delivery again, under the same id and from the beginning of its schedule.
    package func replay(_ id: CallbackID, by principal: Principal) async throws -> CallbackDelivery {
        guard let delivery = try await delivery(id, by: principal) else { throw CallbackError.notFound("Callback delivery") }
        return try await store.write { context in
            try context.replay(delivery)
            return try context.callbackDelivery(id) ?? delivery
        }
    }
}
