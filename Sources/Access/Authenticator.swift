import Crypto
package import MailModel
package import Storage
import Synchronization

/// Authenticates callers by their tokens (specification 2).
///
/// The master token comes from the configuration. Client keys are looked up by the hash of their token and cached for four seconds: a key
/// revoked on another node is refused here after that time at the latest, one revoked through this node at once.
package final class Authenticator: Sendable {
    let store: Store
    private let masterHash: TokenHash
    private let metricsHash: TokenHash?
    let cache = Mutex(KeyCache())
    let lookups: ThrottledLookups
    /// Opens the secrets of access keys; `nil` where the operator has set no `secrets.key`.
    package let secrets: SecretBox?
    /// Whether people need a second factor (`users.requireTOTP`): without one they may only set it up.
    let requiresSecondFactor: Bool
    private let uptime: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - masterToken: the operator's own token; must not be empty.
    ///   - metricsToken: the token of Prometheus, `metrics.token`; `nil`: the metrics need the master token.
    ///   - secrets: seals the secrets of access keys; `nil`: there can be none.
    ///   - requiresSecondFactor: whether people need a second factor.
    ///   - uptime: a monotonic clock, for the throttle of failures and the rates of keys.
    package init(
        store: Store, masterToken: String, metricsToken: String? = nil, secrets: SecretBox? = nil,
        requiresSecondFactor: Bool = false,
        uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        precondition(!masterToken.isEmpty, "An empty master token is no token.")
        self.store = store
        masterHash = TokenHash(masterToken)
        metricsHash = metricsToken.map(TokenHash.init)
        lookups = ThrottledLookups(uptime: uptime)
        self.secrets = secrets
        self.requiresSecondFactor = requiresSecondFactor
        self.uptime = uptime
    }

    /// Returns the caller.
    ///
    /// - Parameters:
    ///   - header: the value of the `Authorization` header.
    ///   - address: the client's address without the port, by which failures are counted.
    /// - Throws: ``AuthenticationError``, and `StorageError`.
    package func authenticate(authorizationHeader header: String?, from address: String) async throws -> Principal {
        try await authenticate(token: token(in: header, from: address), from: address)
    }

    /// Returns the caller, where all that is to be known about the token is in memory.
    ///
    /// - Returns: `nil` where ``authenticate(authorizationHeader:from:)`` has to decide; nothing was counted then.
    package func knownCaller(authorizationHeader header: String?, from address: String) -> Principal? {
        guard let token = Token.bearer(header) else { return nil }
        let hash = TokenHash(String(token))
        guard lookups.isKnown(.init(token: hash, network: ClientNetwork(address))) else { return nil }
        if hash == masterHash { return Principal(.master, address: address) }
        let now = store.now
        guard let found = cache.withLock({ $0.key(hash, at: now) }), found.key.bounds.rateLimit == nil,
            found.fault(at: now, from: address) == nil
        else { return nil }
        return Principal(.client(found.key), address: address)
    }

    /// Whether the caller may read the metrics, with the metrics token or as the master.
    ///
    /// Failures are counted and thrown as by ``authenticate(authorizationHeader:from:)``.
    package func mayReadMetrics(authorizationHeader header: String?, from address: String) async throws -> Bool {
        let token = try token(in: header, from: address)
        let hash = TokenHash(token)
        return try await lookups.run(.init(token: hash, network: ClientNetwork(address))) {
            if let metricsHash, hash == metricsHash { return true }
            let holder = try await holder(of: token, hash, from: address)
            return Principal(holder.identity).may(.metricsRead)
        }
    }

    private func token(in header: String?, from address: String) throws(AuthenticationError) -> String {
        guard let token = Token.bearer(header) else { throw lookups.failure(.malformedHeader, of: ClientNetwork(address)) }
        return String(token)
    }

    /// Returns the caller who has a token.
    ///
    /// - Parameter address: the client's address without the port, by which failures are counted.
    /// - Throws: ``AuthenticationError``, and `StorageError`.
    package func authenticate(token: String, from address: String) async throws -> Principal {
        let holder = try await holder(of: token, from: address)
        return Principal(holder.identity, address: address)
    }

    /// Who has a token, and when it ends before its key: it is the one from before a rotation then.
    typealias Holder = (identity: Principal.Identity, tokenExpiresAt: Timestamp?)

    /// Returns who has a token and may use it now.
    func holder(of token: String, from address: String) async throws -> Holder {
        let hash = TokenHash(token)
        let holder = try await lookups.run(.init(token: hash, network: ClientNetwork(address))) {
            try await self.holder(of: token, hash, from: address)
        }
        if case .client(let key) = holder.identity { try checkRate(of: key) }
        return holder
    }

    /// A hash that changes with the master token, and does not reveal it.
    var masterFingerprint: [UInt8] { Array(SHA256.hash(data: masterHash.bytes)) }

    private func holder(of token: String, _ hash: TokenHash, from address: String) async throws -> Holder {
        if hash == masterHash { return (.master, nil) }
        switch try await owner(of: token, hash) {
        case .key(let found):
            if let fault = found.fault(at: store.now, from: address) { throw AuthenticationError(reason: fault) }
            return (.client(found.key), found.tokenExpiresAt)
        case .person(let found):
            let person = try await use(found)
            return (.user(person), person.session.expiresAt)
        case nil: throw AuthenticationError(reason: .unknownKey)
        }
    }

    /// Records that a personal key is used, and returns its person; what the person may do is never older than the request.
    private func use(_ found: SignedInUser) async throws -> SignedInUser {
        guard found.session.kind == .key, found.user.status == .active else { throw AuthenticationError(reason: .unknownKey) }
        let now = store.now
        guard found.session.isAlive(at: now) else { throw AuthenticationError(reason: .expired) }
        if now - found.session.usedAt >= Session.useInterval {
            try await store.write { try $0.userSessions.recordUse(found.session.id) }
        }
        return checked(found)
    }

    /// Returns a person, marked where it has to set up a second factor before anything else.
    ///
    /// Who comes by a provider has it there.
    func checked(_ person: SignedInUser) -> SignedInUser {
        let isProviders = person.session.factor == .provider || (person.session.kind == .key && person.user.identity != nil)
        var person = person
        person.needsSecondFactor = requiresSecondFactor && !person.user.hasSecondFactor && !isProviders
        return person
    }

    private enum Owner: Sendable {
        case key(FoundKey)
        case person(SignedInUser)
    }

    /// Returns the key or the person of a token, by one read at the most.
    ///
    /// - Returns: `nil` for an unknown token. One with a wrong checksum is refused without being looked up.
    private func owner(of token: String, _ hash: TokenHash) async throws -> Owner? {
        let now = store.now
        let (cached, generation) = cache.withLock { ($0.key(hash, at: now), $0.generation) }
        if let cached { return .key(cached) }
        guard !Token.hasWrongChecksum(token) else { return nil }
        let owner = try await store.read { tx throws -> Owner? in
            if let (key, tokenExpiresAt) = try tx.keys.find(tokenHash: hash.bytes) {
                return .key(FoundKey(key: key, tokenExpiresAt: tokenExpiresAt))
            }
            return try tx.userSessions.find(secretHash: hash.bytes).map { .person($0) }
        }
        if case .key(let found) = owner { cache.withLock { $0.add(found, hash: hash, at: now, generation: generation) } }
        return owner
    }

    /// Takes one of the requests a second that a key may make.
    func checkRate(of key: APIKey) throws(AuthenticationError) {
        guard let limit = key.bounds.rateLimit,
            let wait = cache.withLock({ $0.takeRequest(of: key.id, limit: limit, at: uptime()) })
        else { return }
        throw AuthenticationError(reason: .rateLimitExceeded(retryAfter: wait))
    }

    /// Empties the cache after a key was changed.
    func keysChanged() {
        cache.withLock { $0.invalidate() }
    }

    /// Writes when keys were last used.
    ///
    /// - Throws: `StorageError`; the times are kept for the next call then.
    package func recordUses() async throws {
        let uses = cache.withLock { $0.drainUses() }
        guard !uses.isEmpty else { return }
        do {
            try await store.write { try $0.keys.recordUse(of: uses) }
        } catch {
            cache.withLock { $0.restore(uses) }
            throw error
        }
    }
}
