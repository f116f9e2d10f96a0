package import MailModel
package import Storage

/// What an account can see and do about its callbacks (specification 7).
package struct CallbackService: Sendable {
    /// How long a replaced secret goes on signing beside the new one, unless said otherwise.
    package static let defaultOverlap: Duration = .seconds(24 * 3600)

    let store: Store
    private let policy: AddressPolicy

    package init(store: Store, policy: AddressPolicy) {
        self.store = store
        self.policy = policy
    }

    package func endpoints(of account: Account) async throws -> [CallbackEndpoint] {
        try await store.read { try $0.callbackEndpoints(of: account.id) }
    }

    package func create(_ url: String, events: [String], isActive: Bool, for account: Account) async throws -> CallbackEndpoint {
        try check(url: url)
        try check(events: events)
        return try await store.write { context -> Result<CallbackEndpoint, CallbackError> in
            try context.lockBelongings(of: account.id)
            let known = try context.callbackEndpoints(of: account.id)
            guard known.count < CallbackEndpoint.maximumCount else {
                return .failure(.invalid("url", "the account has \(CallbackEndpoint.maximumCount) endpoints, and may have no more"))
            }
            guard !known.contains(where: { $0.url == url }) else {
                return .failure(.invalid("url", "the account has an endpoint with this URL"))
            }
            return .success(try context.createCallbackEndpoint(of: account.id, url: url, events: events, isActive: isActive))
        }.get()
    }

    package func update(_ id: Int64, _ changes: CallbackEndpointChanges, by principal: Principal) async throws -> CallbackEndpoint {
        if let url = changes.url { try check(url: url) }
        if let events = changes.events { try check(events: events) }
        return try await store.write { context -> Result<CallbackEndpoint, CallbackError> in
            guard let endpoint = try context.callbackEndpoint(id, of: principal), let changed = try context.update(endpoint, changes)
            else { return .failure(.notFound("Callback endpoint")) }
            return .success(changed)
        }.get()
    }

    package func delete(_ id: Int64, by principal: Principal) async throws {
        try await store.write { context -> Result<Void, CallbackError> in
            guard let endpoint = try context.callbackEndpoint(id, of: principal) else { return .failure(.notFound("Callback endpoint")) }
            return .success(try context.delete(endpoint))
        }.get()
    }

    /// Calls an endpoint for a trial. What came of it stands in the delivery a moment later.
    package func ping(_ id: Int64, by principal: Principal) async throws -> CallbackDelivery {
        try await store.write { context -> Result<CallbackDelivery, CallbackError> in
            guard let endpoint = try context.callbackEndpoint(id, of: principal) else { return .failure(.notFound("Callback endpoint")) }
            return .success(try context.ping(endpoint))
        }.get()
    }

    private func check(url: String) throws(CallbackError) {
        guard let parsed = CallbackURL.read(url) else {
            throw .invalid("url", "expected an absolute http or https URL of at most \(CallbackURL.maximumLength) characters")
        }
        if let reason = policy.refusal(of: parsed) { throw .invalid("url", reason) }
    }

    private func check(events: [String]) throws(CallbackError) {
        guard let unknown = events.first(where: { !CallbackEndpoint.knownEvents.contains($0) }) else { return }
        throw .invalid(
            "events", "\"\(unknown.prefix(64))\" is none of \(CallbackEndpoint.knownEvents.joined(separator: ", "))")
    }
}

extension ReadContext {
    /// An endpoint that the caller may see.
    fileprivate func callbackEndpoint(_ id: Int64, of principal: Principal) throws -> CallbackEndpoint? {
        try callbackEndpoint(id).flatMap { principal.mayAccess(account: $0.accountID) ? $0 : nil }
    }
}
