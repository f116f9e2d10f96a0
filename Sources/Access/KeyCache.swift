import Concurrency
import MailModel

/// The keys read within ``lifetime``, so that not every request reads the database, and when each key was last used.
///
/// Only keys that exist are cached: unknown tokens could fill any cache.
struct KeyCache {
    /// The longest time until a revocation by another node takes effect here.
    static let lifetime = Duration.seconds(4)
    /// The maximum of cached keys; the one that was read first is removed for the next.
    static let capacity = 16_384

    private struct Entry {
        var key: APIKey
        var readAt: Timestamp
    }

    private var entries = BoundedCache<TokenHash, Entry>(capacity: capacity)
    private var uses: [Int64: Timestamp] = [:]
    /// Counts the changes of keys through this node: what was read before a change must not be stored after it.
    private(set) var generation = 0

    /// Returns the key of a token if it was read within ``lifetime``, and records its use then.
    mutating func key(_ hash: TokenHash, at now: Timestamp) -> APIKey? {
        guard let entry = entries[hash], now >= entry.readAt, now < entry.readAt + Self.lifetime else { return nil }
        recordUse(of: entry.key, at: now)
        return entry.key
    }

    /// Stores a key that was read when the cache was at `generation`, and records its use.
    mutating func add(_ key: APIKey, hash: TokenHash, at now: Timestamp, generation: Int) {
        recordUse(of: key, at: now)
        guard generation == self.generation else { return }
        entries.insert(Entry(key: key, readAt: now), for: hash)
    }

    /// Empties the cache after a key was changed, which is rare.
    mutating func invalidate() {
        entries.removeAll()
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

    private mutating func recordUse(of key: APIKey, at now: Timestamp) {
        guard key.isUsable(at: now) else { return }
        uses[key.id] = now
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
