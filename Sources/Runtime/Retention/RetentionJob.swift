package import Logging
import Periodic
package import Storage

/// The job that creates the partitions of the coming months, and deletes what is older than its retention period (specification 12.3):
/// partitions where there are any, else rows in small steps.
///
/// One node at a time does it.
package struct RetentionJob: PeriodicService {
    private static let rowsPerStep = 500
    private static let interval: Duration = .seconds(600)
    /// The time between two steps, in which commands of clients run.
    private static let pause: Duration = .milliseconds(50)

    private let store: Store
    private let periods: RetentionPeriods
    private let logger: Logger
    private let lease: JobLease

    /// Creates the job.
    package init(store: Store, periods: RetentionPeriods = RetentionPeriods(), logger: Logger) {
        self.store = store
        self.periods = periods
        self.logger = logger
        lease = store.lease(of: .retention)
    }

    /// Creates and drops partitions and deletes rows until none is too old.
    ///
    /// An error is logged, and ends the round.
    ///
    /// - Returns: ten minutes.
    /// - Throws: `CancellationError`.
    package func round() async throws -> Duration {
        guard await holdsLease() else { return Self.interval }
        await renewPartitions()
        while await step() { try await Task.sleep(for: Self.pause) }
        return Self.interval
    }

    private func holdsLease() async -> Bool {
        do {
            return try await lease.step { _ in true } ?? false
        } catch {
            logger.warning("The lease of the retention job was not renewed, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func renewPartitions() async {
        do {
            for name in try await store.makePartitions() {
                logger.warning(
                    "A month has no partition, because emails of it were stored before one was created: they are deleted row by row",
                    metadata: ["partition": "\(name)"])
            }
            for name in try await store.dropPartitions(periods) {
                logger.notice("Partition dropped: its month is older than the retention period", metadata: ["partition": "\(name)"])
            }
        } catch {
            logger.warning("Partitions were not created or dropped, trying again", metadata: ["error": "\(error)"])
        }
    }

    /// Deletes one step of rows.
    ///
    /// - Returns: whether there is more to delete, and this node holds the lease.
    private func step() async -> Bool {
        do {
            return try await lease.step { [periods] in try $0.retention.delete(periods, limit: Self.rowsPerStep) } ?? 0 >= Self.rowsPerStep
        } catch {
            logger.error("Old rows were not deleted, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }
}
