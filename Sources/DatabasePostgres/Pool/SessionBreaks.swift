import Synchronization

/// Counts how often sessions of a pool were found broken: a restart or a failover of the server breaks all of them at once.
///
/// A session that began before the last break is replaced before it is used, instead of letting each idle session fail a call of its own, or
/// wait for a machine that is gone.
package final class SessionBreaks: Sendable {
    private let breaks = Atomic<Int>(0)

    package init() {}

    /// How many breaks there were.
    package var count: Int { breaks.load(ordering: .acquiring) }

    /// A session was found broken. Of the sessions that began after the same number of breaks, the first that is found broken counts: the others
    /// will be replaced anyway, and must not have those replaced that are newer.
    ///
    /// - Parameter count: how many breaks there had been when the session began.
    package func record(after count: Int) {
        _ = breaks.compareExchange(expected: count, desired: count + 1, ordering: .acquiringAndReleasing)
    }
}
