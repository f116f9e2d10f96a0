package import AmazonSES
package import Logging
import MailModel
import Periodic
package import Storage

/// The job that makes SES's own suppression list follow ours (`suppressions.syncSES`): an address that a customer removes from the list would
/// otherwise stay undeliverable for no visible reason.
///
/// Only entries that SES's feedback has led to are followed: what customers add or import never reaches SES's list, which holds for all of them.
///
/// Changes are queued in the database until SES has accepted them. Each call states whether the address is to be listed, so repeating one is
/// harmless.
package struct SuppressionSync: PeriodicService {
    private static let batch = 20
    private static let lease = Duration.seconds(120)
    private static let interval = Duration.seconds(5)
    private static let longestWait = Duration.seconds(600)

    private let store: Store
    private let ses: any SESSuppressions
    private let logger: Logger
    private let jobLease: JobLease

    /// - Parameter ses: SES's list.
    package init(store: Store, ses: any SESSuppressions, logger: Logger) {
        self.store = store
        self.ses = ses
        self.logger = logger
        jobLease = store.lease(of: .syncSuppressions)
    }

    /// Applies some of the changes that are due.
    ///
    /// - Returns: how long to wait before the next round.
    package func round() async -> Duration {
        await applyDueChanges() < Self.batch ? Self.interval : .zero
    }

    /// Applies some of the changes that are due, one call after the other: SES allows about one a second, so one node does it.
    ///
    /// - Returns: how many were due.
    func applyDueChanges() async -> Int {
        do {
            let changes = try await jobLease.step { try $0.suppressionChanges.claim(lease: Self.lease, limit: Self.batch) } ?? []
            for change in changes { try await apply(change) }
            return changes.count
        } catch {
            logger.warning("Changes of SES's suppression list could not be applied, trying again", metadata: ["error": "\(error)"])
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
        try await store.write { try $0.suppressionChanges.finish(change) }
    }

    private func record(_ error: SESError, of change: SESSuppressionChange) async throws {
        // Without the address: it is personal data.
        logger.warning("SES refused a change of its suppression list", metadata: ["ses.code": "\(error.code)"])
        if error.outcome == .permanent {
            try await store.write { try $0.suppressionChanges.finish(change) }
        } else {
            let wait = min(Self.longestWait, .seconds(5 << min(change.attempts, 10)))
            try await store.write { try $0.suppressionChanges.postpone(change, until: $0.now + wait) }
        }
    }
}
