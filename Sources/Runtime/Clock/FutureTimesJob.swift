package import Logging
import Periodic
package import Storage

/// The daily job that corrects times in the future, which a clock that was ahead has left behind (``FutureTime``).
package struct FutureTimesJob: PeriodicService {
    private static let interval: Duration = .seconds(600)
    private static let rowsPerStep = 500

    private let store: Store
    private let logger: Logger
    private let lease: JobLease

    /// Creates the job.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
        lease = store.lease(of: .bringBackFutureTimes)
    }

    /// Corrects all kinds of times, if no node has done so today.
    ///
    /// An error is logged.
    ///
    /// - Returns: ten minutes.
    package func round() async -> Duration {
        do {
            guard try await lease.step({ try $0.scheduledRuns.claimDaily(.bringBackFutureTimes) }) == true else { return Self.interval }
            for kind in FutureTime.allCases { try await bringBack(kind) }
        } catch {
            logger.warning("Times in the future were not searched for, trying again", metadata: ["error": "\(error)"])
        }
        return Self.interval
    }

    private func bringBack(_ kind: FutureTime) async throws {
        var count = 0
        // A read transaction searches: there is nearly never one.
        while try await store.read({ tx in try tx.futureTimes.contains(kind) }) {
            let step = try await lease.step { try $0.futureTimes.bringBack(kind, limit: Self.rowsPerStep) } ?? 0
            count += step
            if step < Self.rowsPerStep { break }
        }
        guard count > 0 else { return }
        logger.warning(
            "Times in the future were corrected: a clock has been ahead",
            metadata: ["table": "\(kind.rawValue)", "rows": .stringConvertible(count)])
    }
}
