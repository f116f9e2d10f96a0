public import Logging
public import MailModel
public import Periodic
public import Storage

/// Takes warnings back once a day, at midnight UTC, from accounts whose rates have fallen: not at once, so that an account at the threshold is
/// not warned again and again.
public struct WarningEnd: PeriodicService {
    private static let interval = Duration.seconds(600)

    private let store: Store
    private let reputation: Reputation
    private let logger: Logger

    public init(store: Store, reputation: Reputation, logger: Logger) {
        self.store = store
        self.reputation = reputation
        self.logger = logger
    }

    @discardableResult
    public func round() async -> Duration {
        do {
            _ = try await store.endWarnings(judgedBy: reputation)
        } catch {
            logger.error("Warnings were not looked at, trying again", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }
}
