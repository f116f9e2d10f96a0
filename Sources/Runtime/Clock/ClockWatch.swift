package import Logging
import MailModel
package import Periodic
package import Storage
import Synchronization

/// The job that compares this machine's wall clock with the database's time every second, and logs when it goes wrong and when it is right
/// again (specification 6.5).
package struct ClockWatch: PeriodicService {
    private static let interval: Duration = .seconds(1)

    private let store: Store
    private let logger: Logger

    /// Creates the job.
    ///
    /// It does nothing on a store without a ``DatabaseClock``.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Compares the clocks once.
    ///
    /// - Returns: one second.
    package func round() async -> Duration {
        guard let clock = store.clock else { return Self.interval }
        switch (clock.check(), clock.hasServer) {
        case (.wentWrong, true):
            logger.error(
                "The clock of this machine is wrong: deliveries, callbacks and scheduled jobs pause until it is set right",
                metadata: Self.metadata(clock))
        case (.wentWrong, false):
            logger.warning(
                "The clock of this machine has jumped: times continue from before the jump; restart once the clock is right",
                metadata: Self.metadata(clock))
        case (.becameRight, true):
            logger.notice(
                "The clock of this machine is right again: deliveries, callbacks and scheduled jobs continue",
                metadata: Self.metadata(clock))
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

/// The job that reads the database server's time every five seconds, and checks once whether the newest email lies in the future.
package final class ClockReader: PeriodicService {
    private static let interval: Duration = .seconds(5)
    /// How far the newest email may be ahead: the clocks of nodes agree within much less.
    private static let tolerance: Duration = .seconds(30)

    private let store: Store
    private let logger: Logger
    private let hasCheckedEmails = Mutex(false)

    /// Creates the job.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Reads the time once.
    ///
    /// An error is logged at debug level: time continues by the monotonic clock.
    ///
    /// - Returns: five seconds.
    package func round() async -> Duration {
        do {
            if let change = try await store.synchronizeClock() {
                logger.warning(
                    "The clock of the database server was set: its new time is taken over",
                    metadata: ["clock.change_seconds": .stringConvertible(change.seconds), "clock.present": "\(store.now)"])
            }
            if !hasCheckedEmails.withLock({ $0 }) { try await checkNewestEmail() }
        } catch {
            logger.debug("The database server's time was not read", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }

    private func checkNewestEmail() async throws {
        let (newest, now) = try await store.read { (try $0.emails.newestTime(), $0.now) }
        hasCheckedEmails.withLock { $0 = true }
        guard let newest, newest > now + Self.tolerance else { return }
        logger.warning(
            "The newest email lies in the future: the clock was ahead when it was accepted, or is behind now",
            metadata: ["email.accepted_at": "\(newest)", "clock.present": "\(now)"])
    }
}

/// A periodic service that pauses while this node takes no work of its own (``Store/isWorkPaused``).
///
/// A round that has begun continues.
package struct ClockPause: PeriodicService {
    private static let interval: Duration = .seconds(1)

    private let service: any PeriodicService
    private let store: Store

    /// Creates a service that runs the rounds of another one.
    package init(_ service: any PeriodicService, store: Store) {
        self.service = service
        self.store = store
    }

    /// Runs a round of the service, unless work is paused.
    ///
    /// - Returns: the pause that the service asks for, or one second while work is paused.
    package func round() async throws -> Duration {
        store.isWorkPaused ? Self.interval : try await service.round()
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}
