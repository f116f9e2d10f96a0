package import Logging
package import MailModel
import Periodic
package import Storage

/// Ends the warnings of accounts whose rates have fallen below the thresholds, once a day at midnight UTC: not at once, so that an account at
/// the threshold is not warned again and again.
package struct WarningExpiryJob: PeriodicService {
    private static let interval = Duration.seconds(600)
    /// How many accounts a step judges, each with a few statements.
    private static let accountsPerStep = 20

    private let store: Store
    private let reputation: Reputation
    private let logger: Logger

    /// - Parameter reputation: the thresholds by which accounts are judged.
    package init(store: Store, reputation: Reputation, logger: Logger) {
        self.store = store
        self.reputation = reputation
        self.logger = logger
    }

    /// Ends the warnings of the day, if that was not done before.
    ///
    /// - Returns: how long to wait before the next round.
    @discardableResult
    package func round() async -> Duration {
        do {
            _ = try await endWarnings()
        } catch {
            logger.error("Warnings of accounts could not be ended, trying again", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }

    /// Ends the warnings of the day step by step, unless that was done before or another node does it.
    ///
    /// - Throws: ``StorageError``; the steps before it stay then.
    package func endWarnings() async throws -> DailyRun {
        try await store.runDaily(.endWarnings) { [reputation] tx, last in
            try EndWarnings(after: last, limit: Self.accountsPerStep, reputation: reputation).run(in: tx)
        }
    }
}

/// One step of ``WarningExpiryJob``: ends the warnings of those of some accounts whose rates have fallen below the thresholds.
///
/// Their rows are locked before they are judged: one that is blocked at this moment stays blocked, and what is counted meanwhile is judged
/// with the status that results.
package struct EndWarnings: Sendable {
    private let last: Int64
    private let limit: Int
    private let reputation: Reputation

    /// - Parameters:
    ///   - last: the id of the last account that was judged; 0 for the first step.
    ///   - limit: how many accounts are judged.
    ///   - reputation: the thresholds.
    package init(after last: Int64, limit: Int, reputation: Reputation) {
        self.last = last
        self.limit = limit
        self.reputation = reputation
    }

    /// Returns the id of the last account that was judged; `nil` when there is no further one.
    package func run(in tx: Transaction) throws -> Int64? {
        let ids = try tx.accounts.listWarned(after: last, limit: limit)
        for account in try tx.accounts.listWarnedForUpdate(ids) {
            guard reputation.verdict(on: try tx.reputation.window(of: account.id)).status == .ok else { continue }
            try tx.accounts.update(account.id, status: .ok, reason: nil)
            try tx.audit.insert(account.change(.accountLift, to: .ok), by: .system)
        }
        return ids.count == limit ? ids.last : nil
    }
}
