package import Logging
import MailModel
import Periodic
package import Storage
import Synchronization

/// Compares this machine's wall clock with the present time every second, and says in the log when it goes wrong and when it is right again.
package struct ClockWatch: PeriodicService {
    private static let interval: Duration = .seconds(1)

    private let store: Store
    private let logger: Logger

    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    package func round() async -> Duration {
        guard let clock = store.clock else { return Self.interval }
        switch (clock.check(), clock.hasServer) {
        case (.wentWrong, true):
            logger.error(
                "The clock of this machine is wrong: deliveries, callbacks and scheduled jobs pause until it is set right",
                metadata: Self.metadata(clock))
        case (.wentWrong, false):
            logger.warning(
                "The clock of this machine has jumped: work goes on by the time before; restart once the clock is right",
                metadata: Self.metadata(clock))
        case (.becameRight, true):
            logger.notice(
                "The clock of this machine is right again: deliveries, callbacks and scheduled jobs go on", metadata: Self.metadata(clock))
        case (.becameRight, false):
            logger.notice("The clock of this machine is as it was before it jumped", metadata: Self.metadata(clock))
        case (nil, _): break
        }
        return Self.interval
    }

    private static func metadata(_ clock: DatabaseClock) -> Logger.Metadata {
        [
            "clock.offset_seconds": .stringConvertible(clock.offset.components.seconds), "clock.machine": "\(clock.machineTime)",
            "clock.present": "\(clock.now)",
        ]
    }
}

/// Reads the database server's time every few seconds, and looks once for times in the database that lie ahead of it.
package final class ClockReader: PeriodicService {
    private static let interval: Duration = .seconds(5)
    /// By so much the newest email may be ahead: nodes agree within much less.
    private static let tolerance: Duration = .seconds(30)

    private let store: Store
    private let logger: Logger
    private let hasLooked = Mutex(false)

    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    package func round() async -> Duration {
        do {
            if let change = try await store.synchronizeClock() {
                logger.warning(
                    "The clock of the database server was set: its new time is taken over",
                    metadata: ["clock.change_seconds": .stringConvertible(change.seconds), "clock.present": "\(store.now)"])
            }
            if !hasLooked.withLock({ $0 }) { try await lookAhead() }
        } catch {
            // Time goes on by the monotonic clock.
            logger.debug("The database server's time was not read", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }

    private func lookAhead() async throws {
        let (newest, now) = try await store.read { (try $0.emails.newestTime(), $0.now) }
        hasLooked.withLock { $0 = true }
        guard let newest, newest > now + Self.tolerance else { return }
        logger.warning(
            "The newest email lies in the future: the clock was ahead when it was accepted, or is behind now",
            metadata: ["email.accepted_at": "\(newest)", "clock.present": "\(now)"])
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}
