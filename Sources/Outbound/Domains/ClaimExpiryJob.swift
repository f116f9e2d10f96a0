package import Logging
package import MailModel
import Periodic
package import Storage

/// Ends claims on domains that were not proven in time (`domains.claimDays`, specification 3.12).
package struct ClaimExpiryJob: PeriodicService {
    private static let interval = Duration.seconds(600)
    /// How many claims a step ends, each with a few statements.
    private static let claimsPerStep = 50

    private let store: Store
    private let rules: OwnershipRules
    private let logger: Logger

    /// - Parameters:
    ///   - rules: after how many days a claim lapses.
    ///   - logger: takes a line for each round that ended claims, and for failures.
    package init(store: Store, rules: OwnershipRules, logger: Logger) {
        self.store = store
        self.rules = rules
        self.logger = logger
    }

    /// Ends the claims that are due, step by step, unless another node does it.
    ///
    /// - Returns: how long to wait before the next round.
    @discardableResult
    package func round() async -> Duration {
        let lease = store.lease(of: .lapseClaims)
        do {
            let command = LapseClaims(rules: rules, limit: Self.claimsPerStep)
            var total = 0
            while let count = try await lease.step({ try command.run(in: $0) }) {
                total += count
                guard count == Self.claimsPerStep else { break }
            }
            if total > 0 { logger.notice("Claims on domains lapsed", metadata: ["claims.count": "\(total)"]) }
        } catch {
            logger.error("Claims on domains could not be ended, trying again", metadata: ["error": "\(error)"])
        }
        await lease.release()
        return Self.interval
    }
}
