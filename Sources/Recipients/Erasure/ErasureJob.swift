package import Logging
import MailModel
import Periodic
package import Storage

/// The job that erases recipients, step by step (specification 9.6).
///
/// One node at a time does it. What is interrupted goes on where it was, on this node or another.
package struct ErasureJob: PeriodicService {
    private static let interval: Duration = .seconds(1)
    /// The time between two steps, in which commands of clients run.
    private static let pause: Duration = .milliseconds(10)
    private static let jobsPerRound = 100
    private static let mostFailures: Int64 = 5

    private let store: Store
    private let logger: Logger
    private let lease: JobLease

    /// Creates the job.
    package init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
        lease = store.lease(of: .eraseRecipients)
    }

    /// Works on all erasures that were asked for, until each is done or has to wait.
    ///
    /// An error is logged, counted for its erasure, and left to the next round.
    ///
    /// - Returns: one second.
    /// - Throws: `CancellationError`.
    package func round() async throws -> Duration {
        for id in await openJobs() {
            do {
                guard try await erase(id) else { break }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                await record(error, of: id)
            }
        }
        return Self.interval
    }

    private func openJobs() async -> [JobID] {
        do {
            return try await store.read { try $0.jobs.listOpen(limit: Self.jobsPerRound) }
        } catch {
            logger.debug("Erasures could not be read, trying again", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Runs the steps of an erasure until it is done or has to wait.
    ///
    /// - Returns: false where another node does it.
    private func erase(_ id: JobID) async throws -> Bool {
        while let batch = try await store.read({ try $0.erasures.next(of: id) }) {
            guard try await store.perform(batch) else { return true }
            guard let progress = try await lease.step({ try $0.erasures.apply(batch) }) else { return false }
            switch progress {
            case .worked: try await Task.sleep(for: Self.pause)
            case .waits: return true
            case .done:
                // What the last step has written: the address was in the row of the job.
                _ = try await store.emptyLog()
                logger.notice("A recipient was erased", metadata: ["job.id": "\(id)"])
                return true
            }
        }
        return true
    }

    private func record(_ error: any Error, of id: JobID) async {
        logger.warning("An erasure has failed, trying again", metadata: ["job.id": "\(id)", "error": "\(error)"])
        if (error as? StorageError)?.isTemporary == true { return }
        let explanation = "What is stored could not be erased: the log of the server says why"
        _ = try? await lease.step { try $0.jobs.recordFailure(of: id, explanation, limit: Self.mostFailures) }
    }
}
