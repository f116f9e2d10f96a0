import Concurrency
import MailModel

/// Delays guesses of passwords and codes, by account and by address, and locks nobody out (specification 2.12).
///
/// An attempt counts as a failure until it has succeeded, so that attempts at the same time are no more than those one after another. After
/// ``free`` failures in a row a bucket is closed for a time that doubles with each further one, up to ``longest``. A browser from which the person has
/// signed in before has a bucket of its own: strangers who guess the password do not delay its owner.
///
/// A pure state machine: times are passed in, by a monotonic clock. Its memory is bounded.
struct SignInThrottle {
    typealias Instant = ContinuousClock.Instant

    /// What failures are counted by.
    enum Bucket: Hashable {
        /// The client's network.
        case network(ClientNetwork)
        /// The address that is signed in with, whether or not it exists: a hash.
        case account(TokenHash)
        /// A browser that the person of an address has used before: a hash of its cookie.
        case device(TokenHash)

        /// The failures that cost nothing: an office has many people behind one address.
        var free: Int {
            switch self {
            case .network: 10
            case .account, .device: 5
            }
        }
    }

    private struct Failures {
        var count: Int
        var last: Instant
    }

    /// The longest delay.
    static let longest = Duration.seconds(60)
    /// After this time without a failure all are forgotten.
    static let memory = Duration.seconds(900)

    private var failures = BoundedCache<Bucket, Failures>(capacity: 65_536)

    /// Counts an attempt as a failure in all buckets, unless one of them is closed.
    ///
    /// - Returns: the seconds to wait, at least 1; `nil` where the attempt may go on.
    mutating func admit(_ buckets: [Bucket], at now: Instant) -> Int64? {
        if let longest = buckets.compactMap({ wait(for: $0, at: now) }).max() { return longest }
        for bucket in buckets {
            failures.insert(Failures(count: count(of: bucket, at: now) + 1, last: now), for: bucket)
        }
        return nil
    }

    /// Forgets the failures of buckets: the attempt has succeeded.
    ///
    /// Those of a network stay but for the attempt itself: whoever has one account could otherwise guess others' for free.
    mutating func succeed(_ buckets: [Bucket], at now: Instant) {
        for bucket in buckets {
            let count = count(of: bucket, at: now)
            if case .network = bucket, count > 1, let counted = failures[bucket] {
                failures.update(Failures(count: count - 1, last: counted.last), for: bucket)
            } else {
                failures.remove(bucket)
            }
        }
    }

    private func wait(for bucket: Bucket, at now: Instant) -> Int64? {
        let count = count(of: bucket, at: now)
        guard count >= bucket.free, let counted = failures[bucket] else { return nil }
        let delay = min(Self.longest, .seconds(1 << min(count - bucket.free, 10)))
        let rest = counted.last + delay - now
        return rest > .zero ? max(1, (rest.milliseconds + 999) / 1000) : nil
    }

    private func count(of bucket: Bucket, at now: Instant) -> Int {
        guard let counted = failures[bucket], now - counted.last < Self.memory else { return 0 }
        return counted.count
    }
}
