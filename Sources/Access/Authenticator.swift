import Crypto
package import MailModel
package import Storage
import Synchronization

/// Finds out who makes a call (specification 2).
///
/// The master token comes from the configuration; client keys are looked up by the hash of their token and cached for four seconds,
/// so that a key revoked on another node is refused here soon, and one revoked through this node at once.
package final class Authenticator: Sendable {
    private let store: Store
    private let masterHash: TokenHash
    private let metricsHash: TokenHash?
    private let cache = Mutex(KeyCache())
    private let throttle = Mutex(FailureThrottle())

    /// - Parameters:
    ///   - masterToken: the operator's own token; must not be empty.
    ///   - metricsToken: what Prometheus says, `metrics.token`; `nil`: the master token alone opens the metrics.
    package init(store: Store, masterToken: String, metricsToken: String? = nil) {
        precondition(!masterToken.isEmpty, "An empty master token is no token.")
        self.store = store
        masterHash = TokenHash(masterToken)
        metricsHash = metricsToken.map(TokenHash.init)
    }

    /// - Parameters:
    ///   - header: the value of the `Authorization` header.
    ///   - address: where the call comes from, without the port: failures are counted by it. Asked for only then.
    /// - Throws: ``AuthenticationError``, and what the database could not do.
    package func authenticate(authorizationHeader header: String?, from address: @autoclosure () -> String) async throws -> Principal {
        try await authenticate(token: token(in: header, from: address()), from: address())
    }

    /// Whether who calls may read the metrics: with the token for that, or as the master. What holds for failures holds here.
    package func mayReadMetrics(authorizationHeader header: String?, from address: @autoclosure () -> String) async throws -> Bool {
        let token = try token(in: header, from: address())
        if let metricsHash, TokenHash(token) == metricsHash { return true }
        return try await authenticate(token: token, from: address()).isMaster
    }

    private func token(in header: String?, from address: @autoclosure () -> String) throws(AuthenticationError) -> String {
        guard let token = Token.bearer(header) else { throw failure(.malformedHeader, of: address()) }
        return String(token)
    }

    /// Finds out whose token this is, wherever it stood.
    func authenticate(token: String, from address: @autoclosure () -> String) async throws -> Principal {
        let hash = TokenHash(token)
        if hash == masterHash { return .master }
        guard let key = try await key(hash) else { throw failure(.unknownKey, of: address()) }
        guard key.isActive else { throw failure(.deactivated, of: address()) }
        guard !key.isExpired(at: store.now) else { throw failure(.expired, of: address()) }
        return .client(key)
    }

    /// Changes with the master token, and tells nothing about it.
    var masterFingerprint: [UInt8] { Array(SHA256.hash(data: masterHash.bytes)) }

    private func key(_ hash: TokenHash) async throws -> APIKey? {
        let now = store.now
        let (cached, generation) = cache.withLock { ($0.key(hash, at: now), $0.generation) }
        if let cached { return cached }
        guard let key = try await store.read({ try $0.apiKey(tokenHash: hash.bytes) }) else { return nil }
        cache.withLock { $0.add(key, hash: hash, at: now, generation: generation) }
        return key
    }

    private func failure(_ reason: AuthenticationError.Reason, of address: String) -> AuthenticationError {
        let wait = throttle.withLock { $0.recordFailure(of: address, at: store.now) }
        return AuthenticationError(reason: wait.map { .tooManyFailures(retryAfter: $0) } ?? reason)
    }

    /// Forgets what was cached, after a key was changed.
    func keysChanged() {
        cache.withLock { $0.invalidate() }
    }

    /// Writes down when keys were last used.
    package func recordUses() async throws {
        let uses = cache.withLock { $0.takeUses() }
        guard !uses.isEmpty else { return }
        do {
            try await store.write { try $0.recordUse(of: uses) }
        } catch {
            cache.withLock { $0.restore(uses) }
            throw error
        }
    }
}
