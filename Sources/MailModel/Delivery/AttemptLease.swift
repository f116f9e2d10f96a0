/// A claim of an email as its holder may rely on it: in monotonic time, from before the claim was asked for, so that it ends no later than what the
/// database has stored.
package struct AttemptLease: Sendable, Equatable {
    /// The latest moment at which a call to the provider may begin: half of the lease is left to the call and to the record of its outcome.
    package let lastStart: ContinuousClock.Instant
    /// When another node may take the email over.
    package let end: ContinuousClock.Instant

    /// - Parameters:
    ///   - time: before the claim was sent to the database.
    ///   - length: how long the claim holds.
    package init(claimedAt time: ContinuousClock.Instant, length: Duration) {
        lastStart = time + length / 2
        end = time + length
    }

    /// Whether a call may begin.
    package func allowsCall(at now: ContinuousClock.Instant) -> Bool {
        now <= lastStart
    }

    /// Whether the email may be another node's by now.
    package func isOver(at now: ContinuousClock.Instant) -> Bool {
        now >= end
    }
}
