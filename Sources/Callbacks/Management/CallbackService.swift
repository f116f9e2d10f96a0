package import MailModel
package import Storage

/// What an account can see and do about its callbacks (specification 7).
package struct CallbackService: Sendable {
    /// How long a replaced secret is still signed with beside the new one, unless a request says otherwise: 24 hours.
    package static let defaultOverlap: Duration = .seconds(24 * 3600)

    let store: Store
    private let policy: AddressPolicy

    /// - Parameter policy: which URLs are accepted.
    package init(store: Store, policy: AddressPolicy) {
        self.store = store
        self.policy = policy
    }

    /// Returns the account's endpoints, newest first.
    package func endpoints(of account: Account) async throws -> [CallbackEndpoint] {
        try await store.read { try $0.callbackEndpoints.list(of: account.id) }
    }

    /// An endpoint, whose it is, and how its receiver behaves.
    package struct ShownEndpoint: Sendable {
        /// The endpoint.
        package var endpoint: CallbackEndpoint
        /// The account's reference.
        package var userName: String
        /// How its receiver behaves.
        package var health: ReceiverHealth
    }

    /// Returns endpoints with how their receivers behave: those that fail first, then the newest.
    ///
    /// - Parameters:
    ///   - account: whose endpoints; `nil` for the newest of all accounts, without the numbers of parked deliveries.
    ///   - limit: the largest number of endpoints.
    package func shownEndpoints(of account: Account?, limit: Int) async throws -> [ShownEndpoint] {
        try await store.read { tx in
            let own = try account.map { try tx.callbackEndpoints.list(of: $0.id) }
            let endpoints = try own ?? tx.callbackEndpoints.list(after: nil, limit: limit)
            let health = try tx.callbacks.health(of: endpoints, withParked: account != nil)
            let references = try tx.accounts.references(Set(endpoints.map(\.accountID)))
            let shown = endpoints.map {
                ShownEndpoint(
                    endpoint: $0, userName: references[$0.accountID] ?? "", health: health[$0.id] ?? ReceiverHealth())
            }
            return shown.filter { $0.health.breaker.failures > 0 } + shown.filter { $0.health.breaker.failures == 0 }
        }
    }

    /// Creates an endpoint of the account.
    ///
    /// - Parameters:
    ///   - events: the names of the events it receives; empty for all.
    ///   - isActive: whether callbacks are sent to it.
    ///   - kind: the form of what it receives.
    /// - Throws: ``Refusal`` for a URL or an event that is not accepted, a URL that the account has an endpoint with, and one
    ///   endpoint too many.
    package func create(
        _ url: String, events: [String], isActive: Bool, kind: CallbackEndpoint.Kind = .martlet, for account: Account,
        by principal: Principal
    ) async throws -> CallbackEndpoint {
        try check(url: url)
        try check(events: events)
        return try await store.write { tx -> Result<CallbackEndpoint, Refusal> in
            try tx.accounts.lock(account.id)
            let known = try tx.callbackEndpoints.list(of: account.id)
            guard known.count < CallbackEndpoint.maximumCount else {
                return .failure(.invalid("url", "the account has \(CallbackEndpoint.maximumCount) endpoints, and may have no more"))
            }
            guard !known.contains(where: { $0.url == url }) else {
                return .failure(.invalid("url", "the account has an endpoint with this URL"))
            }
            let endpoint = try tx.callbackEndpoints.insert(of: account.id, url: url, events: events, isActive: isActive, kind: kind)
            try tx.audit.insert(endpoint.change(.endpointCreate, after: endpoint), by: .principal(principal))
            return .success(endpoint)
        }.get()
    }

    /// Changes an endpoint.
    ///
    /// - Throws: ``Refusal`` for a URL or an event that is not accepted, and where the principal can see no such endpoint.
    package func update(_ id: Int64, _ changes: CallbackEndpointChanges, by principal: Principal) async throws -> CallbackEndpoint {
        if let url = changes.url { try check(url: url) }
        if let events = changes.events { try check(events: events) }
        return try await change(id, by: principal) { endpoint, tx in
            guard let changed = try tx.callbackEndpoints.update(endpoint, changes) else { return nil }
            try tx.audit.insert(endpoint.change(.endpointUpdate, before: endpoint, after: changed), by: .principal(principal))
            return changed
        }
    }

    /// Deletes an endpoint.
    ///
    /// Its queued callbacks are parked when they are due.
    ///
    /// - Throws: ``Refusal`` where the principal can see no such endpoint.
    package func delete(_ id: Int64, by principal: Principal) async throws {
        _ = try await change(id, by: principal) { endpoint, tx -> CallbackEndpoint? in
            guard try tx.callbackEndpoints.delete(endpoint) else { return nil }
            try tx.audit.insert(endpoint.change(.endpointDelete, before: endpoint), by: .principal(principal))
            return endpoint
        }
    }

    /// Enqueues a trial call of an endpoint.
    ///
    /// Its outcome is recorded in the delivery.
    ///
    /// - Throws: ``Refusal`` where the principal can see no such endpoint.
    package func ping(_ id: Int64, by principal: Principal) async throws -> CallbackDelivery {
        try await change(id, by: principal) { endpoint, tx in try tx.callbacks.enqueuePing(to: endpoint) }
    }

    /// Runs a change of an endpoint that the principal can see.
    ///
    /// - Parameter body: returns `nil` where the endpoint was deleted meanwhile.
    private func change<Value: Sendable>(
        _ id: Int64, by principal: Principal, _ body: @escaping @Sendable (CallbackEndpoint, Transaction) throws -> Value?
    ) async throws -> Value {
        try await store.write { tx -> Result<Value, Refusal> in
            guard let endpoint = try tx.callbackEndpoints.find(id), principal.mayAccess(account: endpoint.accountID),
                let value = try body(endpoint, tx)
            else { return .failure(.notFound("Callback endpoint")) }
            return .success(value)
        }.get()
    }

    private func check(url: String) throws(Refusal) {
        guard let parsed = CallbackURL.read(url) else {
            throw .invalid("url", "expected an absolute http or https URL of at most \(CallbackURL.maximumLength) characters")
        }
        if let reason = policy.refusal(of: parsed) { throw .invalid("url", reason) }
    }

    private func check(events: [String]) throws(Refusal) {
        guard let unknown = events.first(where: { !CallbackEndpoint.knownEvents.contains($0) }) else { return }
        throw .invalid(
            "events", "\"\(unknown.prefix(64))\" is none of \(CallbackEndpoint.knownEvents.joined(separator: ", "))")
    }
}

extension CallbackEndpoint {
    /// The row of the audit log about a change of it.
    fileprivate func change(_ action: AuditAction, before: CallbackEndpoint? = nil, after: CallbackEndpoint? = nil) -> AuditChange {
        AuditChange(
            action, target: .endpoint(id), account: accountID, before: before?.auditValues ?? [:], after: after?.auditValues ?? [:])
    }

    private var auditValues: [String: AuditValue] {
        ["url": .url(url), "events": .strings(events), "active": .boolean(isActive), "kind": .string(kind.rawValue)]
    }
}
