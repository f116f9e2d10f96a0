import Database
import Synchronization

/// Whether commits succeed: what the last ones came to, and when it is time to try one.
package final class WriteHealth: Sendable {
    /// How long a commit that succeeded stands for those that would follow.
    static let trust = Duration.seconds(5)
    /// The least time between two attempts that are made for nothing but to know.
    static let probeInterval = Duration.seconds(2)

    private struct State {
        var succeededAt: ContinuousClock.Instant?
        var failure: DatabaseError?
        /// A commit that was made only to know came to nothing, for whatever reason.
        var probeFailed = false
        var probedAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter now: a monotonic clock; a test passes its own.
    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// Notes that a commit is durable.
    ///
    /// On a full disk a small one may be, in space that is there to be used again, while all larger ones fail: there a probe alone, which takes
    /// more, shows that there is room again.
    func succeeded() {
        let now = now()
        state.withLock { state in
            state.succeededAt = now
            if state.failure?.code == .full { return }
            state.failure = nil
            state.probeFailed = false
        }
    }

    /// Notes that a commit that was made only to know is durable.
    func probeSucceeded() {
        state.withLock { state in
            state.failure = nil
            state.probeFailed = false
        }
    }

    /// Whether the disk was full when it was last seen.
    var sawFullDisk: Bool { state.withLock { $0.failure?.code == .full } }

    /// Notes why a commit failed. Only what is wrong with the storage counts: a row that another node holds or a constraint is not.
    func failed(_ error: DatabaseError) {
        switch error.code {
        case .full, .unavailable, .corrupt, .closed: state.withLock { $0.failure = error }
        case .busy, .constraint, .other: break
        }
    }

    /// Notes that a commit that was made only to know did not succeed.
    func probeFailed() {
        state.withLock { $0.probeFailed = true }
    }

    /// Why the last commit failed, in a sentence; `nil` where it did not.
    var problem: String? {
        let (failure, probeFailed) = state.withLock { ($0.failure, $0.probeFailed) }
        guard failure != nil || probeFailed else { return nil }
        return failure?.code == .full ? "The disk of the database is full" : "The database takes no writes"
    }

    /// Whether somebody who wants to know should try a commit now. The one who is told so is the only one for a while.
    func shouldProbe() -> Bool {
        let now = now()
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
