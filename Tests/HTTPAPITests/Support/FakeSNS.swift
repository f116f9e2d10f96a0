import AmazonSES
import Storage
import Synchronization

@testable import Feedback

/// A fake verifier and confirmer of SNS messages, which succeed until a test sets a failure.
final class FakeSNS: Sendable {
    private struct State {
        var rejection: SNSRejection?
        var failure: SubscriptionConfirmer.Failure?
    }

    private let state = Mutex(State())

    func reject(_ rejection: SNSRejection?) {
        state.withLock { $0.rejection = rejection }
    }

    func failConfirmation(_ failure: SubscriptionConfirmer.Failure?) {
        state.withLock { $0.failure = failure }
    }

    func receiver(store: Store, feedback: FeedbackService) -> SNSReceiver {
        SNSReceiver(
            store: store, feedback: feedback, topics: [], logger: .silent,
            verify: { _, _, _ throws(SNSRejection) in
                if let rejection = self.state.withLock({ $0.rejection }) { throw rejection }
            },
            confirm: { _ throws(SubscriptionConfirmer.Failure) in
                if let failure = self.state.withLock({ $0.failure }) { throw failure }
            })
    }
}
