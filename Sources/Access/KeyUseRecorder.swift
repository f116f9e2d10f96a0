package import Logging
import Periodic

/// Writes when keys were last used, about once a minute and once more when the program ends: a write for each request would be too
/// expensive.
package struct KeyUseRecorder: PeriodicService {
    private let authenticator: Authenticator
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - interval: the time between two writes.
    ///   - logger: takes the failures.
    package init(_ authenticator: Authenticator, interval: Duration = .seconds(60), logger: Logger) {
        self.authenticator = authenticator
        self.interval = interval
        self.logger = logger
    }

    /// Writes at intervals until graceful shutdown, and once more then.
    package func run() async throws {
        await repeatRounds()
        await record()
    }

    /// Writes once; returns the time until the next write.
    package func round() async -> Duration {
        await record()
        return interval
    }

    private func record() async {
        do {
            try await authenticator.recordUses()
        } catch {
            logger.warning("Could not record when keys were last used", metadata: ["error": "\(error)"])
        }
    }
}
