import MailModel
import Synchronization

/// What SES lately said about domains. SES allows about one such call a second, so its word is good for ``lifetime``.
final class StatusCache: Sendable {
    static let lifetime = Duration.seconds(5)
    /// Beyond this many, what is no longer fresh is thrown out.
    private static let capacity = 1000

    private struct State {
        var answers: [Int64: SESVerification] = [:]
        /// Counts the drops: an answer that was asked for before one of them is not kept.
        var generation = 0
    }

    private let state = Mutex(State())

    var generation: Int { state.withLock { $0.generation } }

    func status(of domainID: Int64, at now: Timestamp) -> SESVerification? {
        state.withLock { $0.answers[domainID] }.flatMap { $0.isFresh(at: now) ? $0 : nil }
    }

    /// - Parameter generation: as it was when SES was asked.
    func keep(_ status: SESVerification, of domainID: Int64, generation: Int, at now: Timestamp) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.answers.count >= Self.capacity { state.answers = state.answers.filter { $0.value.isFresh(at: now) } }
            state.answers[domainID] = status
        }
    }

    func drop(_ domainID: Int64) {
        state.withLock { state in
            state.answers[domainID] = nil
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
