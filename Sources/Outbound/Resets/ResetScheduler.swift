package import Logging
import MailModel
import Periodic
package import Storage

/// Rolls every domain into the new day and month at midnight UTC, in small steps on one node, however many run it.
///
/// Counters are rolled whenever they are read. The scheduler does it for domains that are not read, so that their months are frozen for the
/// bill and their days are in the history. It is not started with `resets.mode = external`. After downtime it catches up when it starts,
/// and keeps what was counted since midnight.
package struct ResetScheduler: PeriodicService {
    private let store: Store
    private let logger: Logger

    /// The longest time between two rounds: after the clock was set, the new midnight is noticed within it.
    private static let longestPause = Duration.seconds(600)
    private static let retryAfter = Duration.seconds(30)

    /// - Parameter logger: takes a line for each new day, and for failures.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Rolls the counters where no node has done so today.
    ///
    /// - Returns: the time until the next round.
    package func round() async -> Duration {
        let start = store.now
        do {
            switch try await store.rollCounters() {
            case .done: logger.info("Counters rolled into the new day")
            case .wasDone: break
            // If that node dies, its lease has ended by then.
            case .isElsewhere: return JobLease.length
            }
            return Self.pause(after: start, at: store.now)
        } catch {
            logger.error("Counters not rolled, trying again", metadata: ["error": "\(error)"])
            return Self.retryAfter
        }
    }

    /// Returns the time until the midnight that followed the start of a round, not the one after: a round that began before midnight may
    /// have found the old day done, and end in the new one.
    static func pause(after start: Timestamp, at now: Timestamp) -> Duration {
        min(max(.zero, start.day.next.start - now), longestPause)
    }
}
