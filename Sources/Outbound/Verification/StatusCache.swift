import Concurrency
import MailModel
import Synchronization

/// The statuses that SES returned for domains within ``lifetime``: SES allows about one such call a second.
final class StatusCache: Sendable {
    static let lifetime = Duration.seconds(5)

    private struct State {
        var answers = BoundedCache<Int64, SESVerification>(capacity: 1000)
        /// Counts the removals: an answer that was requested before one of them is not stored.
        var generation = 0
    }

    private let state = Mutex(State())

    /// To be passed to ``store(_:of:generation:at:)``, read before SES is asked.
    var generation: Int { state.withLock { $0.generation } }

    func status(of domainID: Int64, at now: Timestamp) -> SESVerification? {
        state.withLock { $0.answers[domainID] }.flatMap { $0.isFresh(at: now) ? $0 : nil }
    }

    /// - Parameter generation: as it was when SES was asked.
    func store(_ status: SESVerification, of domainID: Int64, generation: Int, at now: Timestamp) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.answers.insert(status, for: domainID)
        }
    }

    func remove(_ domainID: Int64) {
        state.withLock { state in
            state.answers.remove(domainID)
            state.generation += 1
        }
    }
}

extension SESVerification {
    fileprivate func isFresh(at now: Timestamp) -> Bool {
        guard let checkedAt else { return false }
        return checkedAt <= now && now - checkedAt < StatusCache.lifetime
    }
}
