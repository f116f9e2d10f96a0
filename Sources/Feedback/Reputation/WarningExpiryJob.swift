package import Logging
package import MailModel
package import Periodic
package import Storage

/// Takes warnings back once a day, at midnight UTC, from accounts whose rates have fallen: not at once, so that an account at the threshold is
/// not warned again and again.
package struct WarningExpiryJob: PeriodicService {
    private static let interval = Duration.seconds(600)

    private let store: Store
    private let reputation: Reputation
    private let logger: Logger

    package init(store: Store, reputation: Reputation, logger: Logger) {
        self.store = store
        self.reputation = reputation
        self.logger = logger
    }

    @discardableResult
    package func round() async -> Duration {
        do {
            _ = try await store.endWarnings(judgedBy: reputation)
        } catch {
            logger.error("Warnings were not looked at, trying again", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }
}
