package import Logging
import Periodic

/// The service that writes the refusals of a node at intervals, and once more when the program stops.
package struct RefusalRecorder: PeriodicService {
    private let refusals: RefusalLog
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - interval: the time between two writes.
    ///   - logger: takes the failures.
    package init(_ refusals: RefusalLog, interval: Duration = .seconds(5), logger: Logger) {
        self.refusals = refusals
        self.interval = interval
        self.logger = logger
    }

    /// Writes at intervals until graceful shutdown, and once more then.
    package func run() async throws {
        await repeatRounds()
        await write()
    }

    /// Writes once; returns the time until the next write.
    package func round() async -> Duration {
        await write()
        return interval
    }

    private func write() async {
        do {
            try await refusals.flush()
        } catch {
            logger.warning("Refused sends could not be recorded", metadata: ["error": "\(error)"])
        }
    }
}
