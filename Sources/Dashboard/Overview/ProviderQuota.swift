package import AmazonSES
import MailModel
import Synchronization

/// The sending quota of the AWS account, as SES returned it last.
///
/// No page waits for SES: a new quota is requested in the background, and shown by the next page.
package final class ProviderQuota: Sendable {
    private struct State {
        var quota: SendQuota?
        var askedAt: Timestamp?
    }

    /// The time between two requests.
    ///
    /// SES allows about one such call a second, and the delivery makes it too.
    private static let interval = Duration.seconds(60)

    private let ask: (@Sendable () async throws -> SendQuota)?
    private let state = Mutex(State())

    /// - Parameter ask: requests the quota; `nil` where there is no SES.
    package init(ask: (@Sendable () async throws -> SendQuota)?) {
        self.ask = ask
    }

    /// Whether there is no SES: verification is simulated then.
    var isSimulated: Bool { ask == nil }

    func quota(at now: Timestamp) -> SendQuota? {
        let (quota, isDue) = state.withLock { state in
            let isDue = state.askedAt.map { now - $0 >= Self.interval || now < $0 } ?? true
            if isDue { state.askedAt = now }
            return (state.quota, isDue)
        }
        if isDue, let ask {
            // Unstructured, because the page does not wait for it.
            Task {
                guard let found = try? await ask() else { return }
                state.withLock { $0.quota = found }
            }
        }
        return quota
    }
}
