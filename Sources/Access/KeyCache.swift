import MailModel

/// The keys that were seen lately, so that not every request reads the database, and when each was last used.
///
/// Only keys that exist are kept: unknown tokens could fill any cache.
struct KeyCache {
    /// How long another node's revocation may go unseen.
    static let lifetime = Duration.seconds(4)
    static let capacity = 16_384

    private struct Entry {
        var key: APIKey
        var readAt: Timestamp
    }

    private var entries: [TokenHash: Entry] = [:]
    private var uses: [Int64: Timestamp] = [:]
    /// Grows with every change of keys through this node: what was read before a change must not be kept after it.
    private(set) var generation = 0

    /// The key if it was read within the last four seconds, in which case its use is recorded.
    mutating func key(_ hash: TokenHash, at now: Timestamp) -> APIKey? {
        guard let entry = entries[hash], now >= entry.readAt, now < entry.readAt + Self.lifetime else { return nil }
        recordUse(of: entry.key, at: now)
        return entry.key
    }

    /// Takes in a key that was read when the cache was at `generation`.
    mutating func add(_ key: APIKey, hash: TokenHash, at now: Timestamp, generation: Int) {
        recordUse(of: key, at: now)
        guard generation == self.generation else { return }
        if entries.count >= Self.capacity { entries.removeAll() }
        entries[hash] = Entry(key: key, readAt: now)
    }

    /// Forgets all keys, after one was changed: that is rare, and reading them again is cheap.
    mutating func invalidate() {
        entries.removeAll()
        generation += 1
    }

    mutating func takeUses() -> [Int64: Timestamp] {
        defer { uses.removeAll() }
        return uses
    }

    /// Takes back uses that could not be written. What was recorded since is newer.
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
