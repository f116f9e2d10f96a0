package import AmazonSES
package import Logging
import MailModel
package import Periodic
package import Storage

/// Lets SES's own suppression list follow ours (`suppressions.syncSES`): an address that a customer takes off the list would otherwise stay
/// undeliverable, without anybody seeing why.
///
/// Changes wait in the database until SES has taken them. Every call says how the address is to be, not what to change, so a repeated one does
/// no harm.
package struct SuppressionSync: PeriodicService {
    private static let batch = 20
    private static let lease = Duration.seconds(120)
    private static let interval = Duration.seconds(5)
    private static let longestWait = Duration.seconds(600)

    private let store: Store
    private let ses: any SESSuppressions
    private let logger: Logger
    private let jobLease: JobLease

    package init(store: Store, ses: any SESSuppressions, logger: Logger) {
        self.store = store
        self.ses = ses
        self.logger = logger
        jobLease = store.lease(of: .syncSuppressions)
    }

    package func round() async -> Duration {
        await workOff() < Self.batch ? Self.interval : .zero
    }

    /// Works off some of what is due, one call after the other: SES allows about one a second, and so one node does it.
    ///
    /// - Returns: how many there were.
    func workOff() async -> Int {
        do {
            let changes = try await jobLease.step { try $0.claimSESChanges(lease: Self.lease, limit: Self.batch) } ?? []
            for change in changes { try await apply(change) }
            return changes.count
        } catch {
            logger.warning("SES's suppression list was not looked at, trying again", metadata: ["error": "\(error)"])
            return 0
        }
    }

    private func apply(_ change: SESSuppressionChange) async throws {
        do throws(SESError) {
            switch change.reason {
            case .hardBounce?: try await ses.suppress(change.address, as: .bounce)
            case .complaint?: try await ses.suppress(change.address, as: .complaint)
            default: try await ses.unsuppress(change.address)
            }
        } catch {
            return try await record(error, of: change)
        }
        try await store.write { try $0.finish(change) }
    }

    private func record(_ error: SESError, of change: SESSuppressionChange) async throws {
        // Without the address: it is the customer's business.
        logger.warning("SES did not take a change of its suppression list", metadata: ["ses.code": "\(error.code)"])
        if error.outcome == .permanent {
            try await store.write { try $0.finish(change) }
        } else {
            let wait = min(Self.longestWait, .seconds(5 << min(change.attempts, 10)))
            try await store.write { try $0.postpone(change, until: $0.now + wait) }
        }
    }
}
