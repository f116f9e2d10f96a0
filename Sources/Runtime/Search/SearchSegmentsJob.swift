package import Logging
import Periodic
package import Storage

/// The job that builds and merges the segments by which emails are searched (specification 12.5).
///
/// One node at a time does it. Searches find emails without it, too, but by reading one after the other.
package struct SearchSegmentsJob: PeriodicService {
    /// The time after which it looks for emails again.
    private static let interval: Duration = .milliseconds(500)
    /// The time between two steps, in which commands of clients run.
    private static let pause: Duration = .milliseconds(5)
    /// The time in which transactions that are under way are likely to end.
    private static let wait: Duration = .milliseconds(50)
    /// The time before the next attempt after a failure.
    private static let patience: Duration = .seconds(5)

    private let store: Store
    private let logger: Logger
    private let lease: JobLease

    /// Creates the job.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
        lease = store.lease(of: .searchSegments)
    }

    /// Does what is to be done, step by step.
    ///
    /// An error is logged, and ends the round.
    ///
    /// - Returns: the time until there may be more to do.
    /// - Throws: `CancellationError`.
    package func round() async throws -> Duration {
        do {
            // A read transaction looks: mostly there is nothing to do.
            while try await store.read({ try $0.segments.hasWork() }) {
                guard let progress = try await lease.step({ try $0.segments.step() }) else { return JobLease.length / 4 }
                if progress == .idle { break }
                try await Task.sleep(for: progress == .worked ? Self.pause : Self.wait)
            }
            return Self.interval
        } catch let error as CancellationError {
            throw error
        } catch {
            logger.warning("A step of the search segments failed, trying again", metadata: ["error": "\(error)"])
            return Self.patience
        }
    }
}
