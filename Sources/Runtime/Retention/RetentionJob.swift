package import Logging
import Periodic
package import Storage

/// Makes the partitions of the months to come, and deletes what is older than it has to be: partitions where there are any, else rows in small
/// steps in the background. One node at a time does it.
package struct RetentionJob: PeriodicService {
    private static let rowsPerStep = 500
    private static let interval: Duration = .seconds(600)
    /// Between two steps, so that the commands of clients come in between.
    private static let breath: Duration = .milliseconds(50)

    private let store: Store
    private let periods: RetentionPeriods
    private let logger: Logger
    private let lease: JobLease

    package init(store: Store, periods: RetentionPeriods = RetentionPeriods(), logger: Logger) {
        self.store = store
        self.periods = periods
        self.logger = logger
        lease = store.lease(of: .retention)
    }

    package func round() async throws -> Duration {
        guard await isOurs() else { return Self.interval }
        await renewPartitions()
        while await step() { try await Task.sleep(for: Self.breath) }
        return Self.interval
    }

    private func isOurs() async -> Bool {
        do {
            return try await lease.step { _ in true } ?? false
        } catch {
            logger.warning("Nothing is known of who deletes old rows, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func renewPartitions() async {
        do {
            for name in try await store.makePartitions() {
                logger.warning(
                    "A month has no partition, because emails of it came before one was made: they are deleted one by one",
                    metadata: ["partition": "\(name)"])
            }
            for name in try await store.dropPartitions(periods) {
                logger.notice("A month was old enough to go", metadata: ["partition": "\(name)"])
            }
        } catch {
            logger.warning("Partitions were not made or dropped, trying again", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: true while there is more to delete, and this node does it.
    private func step() async -> Bool {
        do {
            return try await lease.step { [periods] in try $0.retention.delete(periods, limit: Self.rowsPerStep) } ?? 0 >= Self.rowsPerStep
        } catch {
            logger.error("Old rows were not deleted, trying again", metadata: ["error": "\(error)"])
            return false
        }
    }
}
