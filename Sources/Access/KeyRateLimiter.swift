import Concurrency

/// The token buckets of keys that are bound to a number of requests a second (specification 2.8), with a burst of one second.
///
/// For this node alone.
struct KeyRateLimiter {
    /// The maximum of buckets; the oldest is removed for the next.
    static let capacity = 16_384

    /// Of each key, when its bucket would be full again (the theoretical arrival time of ITU-T I.371, appendix I).
    private var fullAt = BoundedCache<Int64, ContinuousClock.Instant>(capacity: capacity)

    /// Takes a request out of a key's bucket.
    ///
    /// - Parameters:
    ///   - limit: requests a second, at least 1.
    ///   - now: by a monotonic clock.
    /// - Returns: how long to wait for the next request where the bucket is empty; `nil` where the request is allowed.
    mutating func take(_ key: Int64, limit: Int, at now: ContinuousClock.Instant) -> Duration? {
        let known = fullAt[key]
        let full = max(known ?? now, now) + .seconds(1) / limit
        guard full - now <= .seconds(1) else { return full - now - .seconds(1) }
        if known == nil { fullAt.insert(full, for: key) } else { fullAt.update(full, for: key) }
        return nil
    }
}
