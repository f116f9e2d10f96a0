package import Logging
package import Periodic

/// Writes down about once a minute when keys were last used, and once more when the program ends.
///
/// The time of use is for people who clean up; it is not worth a write for each request.
package struct KeyUseRecorder: PeriodicService {
    private let authenticator: Authenticator
    private let interval: Duration
    private let logger: Logger

    package init(_ authenticator: Authenticator, interval: Duration = .seconds(60), logger: Logger) {
        self.authenticator = authenticator
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        await repeatRounds()
        await record()
    }

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
