package import AmazonSES
import MailModel
import Synchronization

/// What SES allows the platform, as it said lately. No page waits for SES: it shows what is known, and what was asked meanwhile shows on the next.
package final class ProviderQuota: Sendable {
    private struct State {
        var quota: SendQuota?
        var askedAt: Timestamp?
    }

    /// SES answers this about once a second for everybody; the node that sends asks as well.
    private static let interval = Duration.seconds(60)

    private let ask: (@Sendable () async throws -> SendQuota)?
    private let state = Mutex(State())

    /// - Parameter ask: `nil` where there is no SES.
    package init(ask: (@Sendable () async throws -> SendQuota)?) {
        self.ask = ask
    }

    func quota(at now: Timestamp) -> SendQuota? {
        let (quota, isDue) = state.withLock { state in
            let isDue = state.askedAt.map { now - $0 >= Self.interval || now < $0 } ?? true
            if isDue { state.askedAt = now }
            return (state.quota, isDue)
        }
        if isDue, let ask {
            // On its own: whoever asked has gone on.
            Task {
                guard let found = try? await ask() else { return }
                state.withLock { $0.quota = found }
            }
        }
        return quota
    }
}
