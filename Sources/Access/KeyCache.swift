import Concurrency
import MailModel

/// A key, found by one of its tokens.
struct FoundKey {
    var key: APIKey
    /// When the token, or the access key, ends before its key: it is the one from before a rotation.
    var tokenExpiresAt: Timestamp?
    /// The secret of the access key by which it was found; `nil` where it was found by a token.
    var signingSecret: String?

    /// Why it is not accepted; `nil` where it is.
    func fault(at now: Timestamp) -> AuthenticationError.Reason? {
        if !key.isActive { return .deactivated }
        let hasTokenExpired = tokenExpiresAt.map { $0 <= now } ?? false
        return hasTokenExpired || key.isExpired(at: now) ? .expired : nil
    }

    /// Why it is not accepted from an address; `nil` where it is.
    func fault(at now: Timestamp, from address: String) -> AuthenticationError.Reason? {
        fault(at: now) ?? (key.bounds.allowUse(from: address) ? nil : .addressNotAllowed)
    }
}

/// The keys read within ``lifetime``, so that not every request reads the database, and when each key was last used.
///
/// Only keys that exist are cached: unknown tokens could fill any cache.
struct KeyCache {
    /// The longest time until a revocation by another node takes effect here.
    static let lifetime = Duration.seconds(4)
    /// The maximum of cached keys; the one that was read first is removed for the next.
    static let capacity = 16_384

    private struct Entry {
        var found: FoundKey
        var readAt: Timestamp
    }

    private var entries = BoundedCache<TokenHash, Entry>(capacity: capacity)
    /// By the id of the access key: apart from the tokens, so that no id is ever taken for a token.
    private var accessKeys = BoundedCache<String, Entry>(capacity: capacity)
    private var uses: [Int64: Timestamp] = [:]
    /// The buckets of keys that are bound to a rate.
    private var limiter = KeyRateLimiter()
    /// Counts the changes of keys through this node: what was read before a change must not be stored after it.
    private(set) var generation = 0

    /// Returns the key of a token if it was read within ``lifetime``, and records its use then.
    mutating func key(_ hash: TokenHash, at now: Timestamp) -> FoundKey? {
        guard let entry = entries[hash], now >= entry.readAt, now < entry.readAt + Self.lifetime else { return nil }
        recordUse(of: entry.found, at: now)
        return entry.found
    }

    /// Stores a key that was read when the cache was at `generation`, and records its use.
    mutating func add(_ found: FoundKey, hash: TokenHash, at now: Timestamp, generation: Int) {
        recordUse(of: found, at: now)
        guard generation == self.generation else { return }
        entries.insert(Entry(found: found, readAt: now), for: hash)
    }

    /// Returns the key of an access key if it was read within ``lifetime``.
    ///
    /// Its use is recorded once the signature is verified.
    func accessKey(_ id: String, at now: Timestamp) -> FoundKey? {
        guard let entry = accessKeys[id], now >= entry.readAt, now < entry.readAt + Self.lifetime else { return nil }
        return entry.found
    }

    /// Stores the key of an access key that was read when the cache was at `generation`.
    mutating func add(_ found: FoundKey, accessKeyID: String, at now: Timestamp, generation: Int) {
        guard generation == self.generation else { return }
        accessKeys.insert(Entry(found: found, readAt: now), for: accessKeyID)
    }

    /// Takes a request out of the bucket of a key that is bound to a rate.
    ///
    /// - Returns: how long to wait where the bucket is empty.
    mutating func takeRequest(of key: Int64, limit: Int, at now: ContinuousClock.Instant) -> Duration? {
        limiter.take(key, limit: limit, at: now)
    }

    /// Empties the cache after a key was changed, which is rare.
    mutating func invalidate() {
        entries.removeAll()
        accessKeys.removeAll()
        generation += 1
    }

    /// Returns the recorded uses and clears them.
    mutating func drainUses() -> [Int64: Timestamp] {
        defer { uses.removeAll() }
        return uses
    }

    /// Puts back uses that could not be written, unless newer ones were recorded since.
    mutating func restore(_ older: [Int64: Timestamp]) {
        uses.merge(older) { newer, _ in newer }
    }

    /// Records the use of a key.
    mutating func recordUse(of found: FoundKey, at now: Timestamp) {
        guard found.fault(at: now) == nil else { return }
        uses[found.key.id] = now
    }
}

extension APIKey {
    func isUsable(at now: Timestamp) -> Bool {
        isActive && !isExpired(at: now)
    }

    func isExpired(at now: Timestamp) -> Bool {
        expiresAt.map { $0 <= now } ?? false
    }
}
