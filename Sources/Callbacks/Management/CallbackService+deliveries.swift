package import MailModel
package import Storage

extension CallbackService {
    /// Returns the account's secret, which is made when it is first needed.
    package func secret(of account: Account) async throws -> CallbackSecret {
        try await store.write { try $0.callbackEndpoints.secret(of: account.id) }
    }

    /// Replaces the account's secret; the present one stays valid beside the new one for `overlap`.
    ///
    /// - Returns: the new secret.
    package func rotateSecret(
        of account: Account, overlap: Duration = defaultOverlap, by principal: Principal
    ) async throws -> CallbackSecret {
        try await store.write { tx in
            let secret = try tx.callbackEndpoints.rotateSecret(of: account.id, overlap: overlap)
            try tx.audit.insert(
                AuditChange(
                    .callbackSecretRotate, target: .account(account.reference), account: account.id,
                    after: ["previous_expires_at": .optional(secret.previousExpiresAt)]),
                by: .principal(principal))
            return secret
        }
    }

    /// Returns a page of the account's deliveries, newest first; those of one email in the order of their events.
    ///
    /// - Parameters:
    ///   - status: only those with this status; `nil` for all.
    ///   - email: only those of this email; `nil` for all.
    ///   - after: the last one of the page before; `nil` for the first page.
    package func deliveries(
        of account: Account, status: CallbackDelivery.Status?, email: EmailID?, after: CallbackID?, limit: Int
    ) async throws -> [CallbackDelivery] {
        guard let email else {
            return try await store.read { try $0.callbacks.list(of: account.id, status: status, after: after, limit: limit) }
        }
        let all = try await store.read { try $0.callbacks.list(of: email) }
        let start = after.flatMap { after in all.firstIndex { $0.id == after }.map { $0 + 1 } } ?? 0
        return Array(all[start...].lazy.filter { $0.accountID == account.id && (status ?? $0.status) == $0.status }.prefix(limit))
    }

    /// Returns a page of deliveries with what people look for in them, newest first.
    ///
    /// - Parameter account: `nil` for those of all accounts; of one status then the ones among the latest 10,000.
    package func lines(
        of account: Account?, status: CallbackDelivery.Status?, email: EmailID? = nil, after: CallbackID?, limit: Int
    ) async throws -> [CallbackLine] {
        let page: [CallbackDelivery]
        if let account {
            page = try await deliveries(of: account, status: status, email: email, after: after, limit: limit)
        } else {
            page = try await store.read { try $0.callbacks.list(status: status, after: after, limit: limit) }
        }
        return try await store.read { try $0.callbacks.lines(of: page) }
    }

    /// Tries deliveries again, as ``replay(_:by:)`` does.
    ///
    /// - Parameter ids: those that the principal cannot see are left out.
    /// - Returns: how many are tried again.
    package func replay(_ ids: [CallbackID], by principal: Principal) async throws -> Int {
        var count = 0
        for start in stride(from: 0, to: ids.count, by: Self.replaysAtOnce) {
            let part = ids[start...].prefix(Self.replaysAtOnce)
            count += try await store.write { tx in
                let found = try part.compactMap { try tx.callbacks.find($0) }.filter { principal.mayAccess(account: $0.accountID) }
                for delivery in found { try tx.callbacks.replay(delivery) }
                return found.count
            }
        }
        return count
    }

    /// The deliveries that one transaction replays.
    private static let replaysAtOnce = 100

    /// Tries the latest parked deliveries of an account again.
    ///
    /// - Parameter limit: at most this many.
    /// - Returns: how many are tried again.
    package func replayParked(of account: Account, limit: Int, by principal: Principal) async throws -> Int {
        let parked = try await deliveries(of: account, status: .parked, email: nil, after: nil, limit: limit)
        return try await replay(parked.map(\.id), by: principal)
    }

    /// Returns a delivery; `nil` where the principal can see no such one.
    package func delivery(_ id: CallbackID, by principal: Principal) async throws -> CallbackDelivery? {
        try await store.read { try $0.callbacks.find(id).flatMap { principal.mayAccess(account: $0.accountID) ? $0 : nil } }
    }

    /// Tries a delivery again, under the same id and from the beginning of its schedule.
    ///
    /// - Throws: ``Refusal`` where the principal can see no such delivery.
    package func replay(_ id: CallbackID, by principal: Principal) async throws -> CallbackDelivery {
        guard let delivery = try await delivery(id, by: principal) else { throw Refusal.notFound("Callback delivery") }
        return try await store.write { tx in
            try tx.callbacks.replay(delivery)
            return try tx.callbacks.find(id) ?? delivery
        }
    }
}
