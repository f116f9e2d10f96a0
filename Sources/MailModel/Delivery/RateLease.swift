/// A node's share of the sending rate as it may be used at a time.
///
/// What was taken away is gone at once. What was added counts only after ``settling``: until then the node that gave it up may still have
/// messages in the last second. A share that is not renewed ends before the other nodes take it over.
///
/// The node's own view of its lease is in monotonic time, begun before the database was asked: no step of a wall clock makes it longer.
package struct RateLease: Sendable {
    /// How long a share holds after its renewal; then the others divide it.
    package static let length: Duration = .seconds(5)
    /// How often it is renewed.
    package static let renewal: Duration = .seconds(1)
    /// By so much earlier than ``length`` the holder itself stops: the nodes' clocks do not run at exactly the same speed.
    package static let margin: Duration = .seconds(1)
    /// How long what another node gave up stays unused.
    package static let settling: Duration = .seconds(2)

    private var share = 0.0
    private var next: (share: Double, at: ContinuousClock.Instant)?
    private var endsAt: ContinuousClock.Instant?

    package init() {}

    /// What may be used now; 0 when the share was not renewed in time.
    package mutating func share(at now: ContinuousClock.Instant) -> Double {
        guard let endsAt, now < endsAt else { return 0 }
        if let next, next.at <= now {
            share = next.share
            self.next = nil
        }
        return share
    }

    /// Takes a renewed share in.
    ///
    /// - Parameters:
    ///   - newShare: messages per second.
    ///   - isFresh: no other node can have sent lately.
    ///   - askedAt: when the renewal was begun.
    package mutating func renew(_ newShare: Double, isFresh: Bool, askedAt: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        _ = share(at: now)
        endsAt = askedAt + Self.length - Self.margin
        if newShare <= share || isFresh {
            (share, next) = (newShare, nil)
        } else if let waiting = next {
            next = (min(waiting.share, newShare), waiting.at)
        } else {
            next = (newShare, now + Self.settling)
        }
    }
}
