package import Logging
import Periodic
package import Storage

/// The job that looks every second whether work is held, as after a restore, and logs when that begins and ends (specification 12.7).
package struct HoldWatch: PeriodicService {
    private static let interval: Duration = .seconds(1)

    private let store: Store
    private let logger: Logger

    /// Creates the job.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Looks once.
    ///
    /// An error is logged at debug level: what was held stays held.
    ///
    /// - Returns: one second.
    package func round() async -> Duration {
        let wasHeld = store.isHeld
        do {
            let hold = try await store.refreshHold()
            if let hold, !wasHeld { Self.report(hold, to: logger) }
            if hold == nil, wasHeld { logger.notice("The database is released: deliveries, callbacks and scheduled jobs begin") }
        } catch {
            logger.debug("Whether the database is held was not read", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }

    /// Logs that work is held.
    package static func report(_ hold: WorkHold, to logger: Logger) {
        logger.warning(
            "The database is held: no email is sent, no callback made and no scheduled job run until `martlet release`",
            metadata: ["hold.reason": "\(hold.reason)", "hold.since": "\(hold.since)"])
    }
}
