import Database
import Synchronization

/// The health of writes: the outcome of the last commits, and when a probe is due.
package final class WriteHealth: Sendable {
    /// How long after a successful commit no probe is made.
    static let trust = Duration.seconds(5)
    /// The least time between two probes.
    static let probeInterval = Duration.seconds(2)

    private struct State {
        var succeededAt: ContinuousClock.Instant?
        var failure: DatabaseError?
        /// Whether the last probe failed, for whatever reason.
        var probeFailed = false
        var probedAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let uptime: @Sendable () -> ContinuousClock.Instant

    /// The health before the first commit.
    ///
    /// - Parameter uptime: a monotonic clock; tests pass their own.
    package init(uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.uptime = uptime
    }

    /// Records that a commit is durable.
    ///
    /// On a full disk a small commit may succeed in reused space while all larger ones fail: there only a probe, which is larger, shows that there
    /// is space again.
    func succeeded() {
        let now = uptime()
        state.withLock { state in
            state.succeededAt = now
            if state.failure?.code == .full { return }
            state.failure = nil
            state.probeFailed = false
        }
    }

    /// Records that a probe succeeded.
    func probeSucceeded() {
        state.withLock { state in
            state.failure = nil
            state.probeFailed = false
        }
    }

    /// Whether the last failure was a full disk.
    var sawFullDisk: Bool { state.withLock { $0.failure?.code == .full } }

    /// Records why a commit failed.
    ///
    /// Only faults of the storage count, not locked rows and constraints.
    func failed(_ error: DatabaseError) {
        switch error.code {
        case .full, .unavailable, .corrupt, .closed: state.withLock { $0.failure = error }
        case .busy, .constraint, .other: break
        }
    }

    /// Records that a probe failed.
    func probeFailed() {
        state.withLock { $0.probeFailed = true }
    }

    /// Why commits fail, in a sentence; `nil` where they succeed.
    var problem: String? {
        let (failure, probeFailed) = state.withLock { ($0.failure, $0.probeFailed) }
        guard failure != nil || probeFailed else { return nil }
        return failure?.code == .full ? "The disk of the database is full" : "The database takes no writes"
    }

    /// Returns whether the caller should make a probe now.
    ///
    /// Of concurrent callers only one gets true.
    func shouldProbe() -> Bool {
        let now = uptime()
        return state.withLock { state in
            if let probed = state.probedAt, probed.duration(to: now) < Self.probeInterval { return false }
            if state.failure == nil, !state.probeFailed, let succeeded = state.succeededAt, succeeded.duration(to: now) < Self.trust {
                return false
            }
            state.probedAt = now
            return true
        }
    }
}
