/// The sending rate that the provider allows, and its division among the nodes.
///
/// Shares are whole messages per second, so that rounding never makes them add up to more than the rate.
package struct SharedRate: Sendable, Equatable {
    /// Messages per second, all nodes together.
    package var total: Double

    /// The rate of so many messages per second, rounded down to a whole number from 1 on.
    package init(_ total: Double) {
        // Whole, except for rates below one, which a single node has.
        self.total = total < 1 ? max(0, total) : min(total, 1_000_000).rounded(.down)
    }

    /// Returns the share that a node should have.
    ///
    /// - Parameters:
    ///   - rank: of the node among the live ones, from 0: the first ones get the remainder of the division.
    ///   - nodes: how many there are, at least 1.
    package func part(rank: Int, of nodes: Int) -> Double {
        guard total >= 1 else { return rank == 0 ? total : 0 }
        let whole = Int(total)
        return Double(whole / nodes + (rank < whole % nodes ? 1 : 0))
    }

    /// Returns the share that a node may have at once: its part, as far as the other nodes have released it.
    ///
    /// - Parameter held: the shares that the other live nodes have at present.
    package func grant(rank: Int, of nodes: Int, held: Double) -> Double {
        max(0, min(part(rank: rank, of: nodes), total - held))
    }
}

/// The lease of a node's share of the sending rate, as the node may use it.
///
/// A smaller share applies at once. A larger one applies only after ``settling``: until then the node that released it may still have sent
/// within the last second. A share that is not renewed ends before the other nodes take it over.
///
/// The lease is in monotonic time, counted from before the database was asked: no step of a wall clock makes it longer.
package struct RateLease: Sendable {
    /// How long a share holds after its renewal; then the other nodes divide it.
    package static let length: Duration = .seconds(5)
    /// How often it is renewed.
    package static let renewal: Duration = .seconds(1)
    /// How much earlier than ``length`` the holder itself stops: the nodes' clocks do not run at exactly the same speed.
    package static let margin: Duration = .seconds(1)
    /// How long a share that another node has released stays unused.
    package static let settling: Duration = .seconds(2)

    private var share = 0.0
    private var next: (share: Double, at: ContinuousClock.Instant)?
    private var endsAt: ContinuousClock.Instant?

    /// A lease before its first renewal, with a share of 0.
    package init() {}

    /// Returns the share that may be used now, in messages per second; 0 when it was not renewed in time.
    package mutating func share(at now: ContinuousClock.Instant) -> Double {
        guard let endsAt, now < endsAt else { return 0 }
        if let next, next.at <= now {
            share = next.share
            self.next = nil
        }
        return share
    }

    /// Stores a renewed share.
    ///
    /// - Parameters:
    ///   - newShare: messages per second.
    ///   - isFresh: whether no other node can have sent lately: the share then applies at once.
    ///   - askedAt: when the renewal was sent.
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
