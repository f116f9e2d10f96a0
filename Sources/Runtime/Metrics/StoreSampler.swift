package import Logging
import MailModel
package import Metering
import Periodic
package import Storage
import Synchronization

/// The job that reads queue lengths and blocked accounts every five seconds, so that a request for the metrics costs no query.
package final class StoreSampler: PeriodicService {
    private static let interval = Duration.seconds(5)
    /// Older values are not exported.
    private static let lifetime = Duration.seconds(30)

    private let store: Store
    private let logger: Logger
    private let latest = Mutex<(status: SystemStatus, at: Timestamp)?>(nil)

    /// Creates a sampler without values.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Reads the values once.
    ///
    /// An error is logged, and removes those of the last round.
    ///
    /// - Returns: five seconds.
    package func round() async -> Duration {
        do {
            let status = try await store.read { try $0.systemStatus.read() }
            latest.withLock { $0 = (status, store.now) }
        } catch {
            latest.withLock { $0 = nil }
            logger.debug("The metrics of the database were not read", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }

    /// Returns the values of the last round.
    ///
    /// Without any of the last half minute, `martlet_database_up` is 0, and only what needs no query is added.
    @Sendable package func samples() -> [MetricSample] {
        let seen = latest.withLock { $0 }
        guard let seen, store.now - seen.at < Self.lifetime else { return [MetricSample("martlet_database_up", 0)] + withoutQuery }
        let status = seen.status
        return [
            MetricSample("martlet_database_up", 1),
            MetricSample("martlet_emails_due", Double(status.emails.waiting)),
            MetricSample("martlet_emails_oldest_due_age_seconds", (status.emails.age ?? .zero).inSeconds),
            MetricSample("martlet_callback_receivers_due", Double(status.receivers.waiting)),
            MetricSample("martlet_callbacks_oldest_due_age_seconds", (status.receivers.age ?? .zero).inSeconds),
            MetricSample("martlet_suspended_domains", Double(status.suspendedDomains)),
            MetricSample("martlet_warned_accounts", Double(status.warnedAccounts)),
            MetricSample("martlet_blocked_accounts", Double(status.blockedAccounts)),
        ] + withoutQuery
    }

    /// The values that need no query.
    private var withoutQuery: [MetricSample] { store.sessionSamples + store.clockSamples }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
