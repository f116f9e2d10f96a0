import Crypto
package import MailModel
package import Storage
import Synchronization

/// Authenticates callers by their tokens (specification 2).
///
/// The master token comes from the configuration. Client keys are looked up by the hash of their token and cached for four seconds: a key
/// revoked on another node is refused here after that time at the latest, one revoked through this node at once.
package final class Authenticator: Sendable {
    private let store: Store
    private let masterHash: TokenHash
    private let metricsHash: TokenHash?
    private let cache = Mutex(KeyCache())
    private let throttle = Mutex(FailureThrottle())

    /// - Parameters:
    ///   - masterToken: the operator's own token; must not be empty.
    ///   - metricsToken: the token of Prometheus, `metrics.token`; `nil`: the metrics need the master token.
    package init(store: Store, masterToken: String, metricsToken: String? = nil) {
        precondition(!masterToken.isEmpty, "An empty master token is no token.")
        self.store = store
        masterHash = TokenHash(masterToken)
        metricsHash = metricsToken.map(TokenHash.init)
    }

    /// Returns the caller.
    ///
    /// - Parameters:
    ///   - header: the value of the `Authorization` header.
    ///   - address: the client's address without the port, by which failures are counted. Evaluated only for a failure.
    /// - Throws: ``AuthenticationError``, and `StorageError`.
    package func authenticate(authorizationHeader header: String?, from address: @autoclosure () -> String) async throws -> Principal {
        try await authenticate(token: token(in: header, from: address()), from: address())
    }

    /// Whether the caller may read the metrics, with the metrics token or as the master. Failures are counted and thrown as by
    /// ``authenticate(authorizationHeader:from:)``.
    package func mayReadMetrics(authorizationHeader header: String?, from address: @autoclosure () -> String) async throws -> Bool {
        let token = try token(in: header, from: address())
        if let metricsHash, TokenHash(token) == metricsHash { return true }
        return try await authenticate(token: token, from: address()).isMaster
    }

    private func token(in header: String?, from address: @autoclosure () -> String) throws(AuthenticationError) -> String {
        guard let token = Token.bearer(header) else { throw failure(.malformedHeader, of: address()) }
        return String(token)
    }

    /// Returns the caller who has a token.
    func authenticate(token: String, from address: @autoclosure () -> String) async throws -> Principal {
        let hash = TokenHash(token)
        if hash == masterHash { return .master }
        guard let key = try await key(hash) else { throw failure(.unknownKey, of: address()) }
        guard key.isActive else { throw failure(.deactivated, of: address()) }
        guard !key.isExpired(at: store.now) else { throw failure(.expired, of: address()) }
        return .client(key)
    }

    /// A hash that changes with the master token, and does not reveal it.
    var masterFingerprint: [UInt8] { Array(SHA256.hash(data: masterHash.bytes)) }

    private func key(_ hash: TokenHash) async throws -> APIKey? {
        let now = store.now
        let (cached, generation) = cache.withLock { ($0.key(hash, at: now), $0.generation) }
        if let cached { return cached }
        guard let key = try await store.read({ try $0.keys.find(tokenHash: hash.bytes) }) else { return nil }
        cache.withLock { $0.add(key, hash: hash, at: now, generation: generation) }
        return key
    }

    private func failure(_ reason: AuthenticationError.Reason, of address: String) -> AuthenticationError {
        let wait = throttle.withLock { $0.recordFailure(of: address, at: store.now) }
        return AuthenticationError(reason: wait.map { .tooManyFailures(retryAfter: $0) } ?? reason)
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
