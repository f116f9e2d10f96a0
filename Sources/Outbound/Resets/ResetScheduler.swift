package import Logging
import MailModel
package import Periodic
package import Storage

/// Rolls every domain into the new day and month at midnight UTC, in small steps on one node, however many run it.
///
/// Counters roll by themselves when they are looked at. This does it for the domains that nobody looks at, so that their months are frozen
/// for the bill and their days stand in the history. With `resets.mode = external` it is not started. After downtime it catches up at its start;
/// it never takes away what was counted since midnight.
package struct ResetScheduler: PeriodicService {
    private let store: Store
    private let logger: Logger

    /// How long it sleeps at a time: a clock that was set is noticed this late.
    private static let longestPause = Duration.seconds(600)
    private static let retryAfter = Duration.seconds(30)

    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    package func round() async -> Duration {
        let start = store.now
        do {
            switch try await store.rollCounters() {
            case .done: logger.info("Counters rolled into the new day")
            case .wasDone: break
            // Should that node die, its lease is over by then.
            case .isElsewhere: return JobLease.length
            }
            return Self.pause(after: start, at: store.now)
        } catch {
            logger.error("Counters not rolled, trying again", metadata: ["error": "\(error)"])
            return Self.retryAfter
        }
    }

    /// How long to wait after a round: until the midnight that followed its start, and not the one after. A round that began before midnight may
    /// have found the day that ended done, and come to its end in the next.
    static func pause(after start: Timestamp, at now: Timestamp) -> Duration {
        min(max(.zero, start.day.next.start - now), longestPause)
    }
}
