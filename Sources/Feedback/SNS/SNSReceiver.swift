package import AmazonSES
package import CoreMetrics
package import Logging
import MailModel
import Metering
package import Storage

/// The receiver of `POST /webhooks/ses` (specification 4.1).
///
/// That path has no token: a message is trusted by its topic and its signature alone, and nothing is changed before both are checked.
package final class SNSReceiver: Sendable {
    /// The answer to SNS, which takes every status below 500 as delivered, and tries again after the others.
    package enum Answer: Sendable, Equatable {
        /// Taken in and durable, or nothing to do (200).
        case accepted
        /// No SNS message, or one without an event of SES (400). With an explanation.
        case malformed(String)
        /// Not trusted (403). With the reason.
        case refused(String)
        /// The subscription could not be confirmed (502).
        case confirmationFailed
        /// Whether it can be trusted cannot be determined at present (503). With the reason.
        case unavailable(String)
    }

    /// Throws for a message that is not to be trusted; see `SNSVerifier`.
    typealias Verification = @Sendable (SNSMessage, TopicPolicy, Timestamp) async throws(SNSRejection) -> Void
    typealias Confirmation = @Sendable (SNSMessage) async throws(SubscriptionConfirmer.Failure) -> Void

    private let store: Store
    private let feedback: FeedbackService
    private let topics: Set<String>
    private let isClosed: Bool
    /// `nil` when signatures are not verified.
    private let verify: Verification?
    private let confirm: Confirmation
    private let logger: Logger
    private let refusals: CounterTable<SNSRefusal>

    /// - Parameters:
    ///   - verifier: `nil` with `sns.verifySignatures = false`, for local development only: then topics are restricted if they are listed, and
    ///     nothing else is checked.
    ///   - topics: `sns.topicARNs`; without any, the first topic whose signed confirmation arrives is pinned.
    ///   - isClosed: whether all messages are refused, because events come by a queue.
    package convenience init(
        store: Store, feedback: FeedbackService, verifier: SNSVerifier?, confirmer: SubscriptionConfirmer, topics: Set<String>,
        isClosed: Bool = false, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        var verify: Verification?
        if let verifier {
            verify = { message, topics, now throws(SNSRejection) in try await verifier.verify(message, topics: topics, at: now) }
        }
        self.init(
            store: store, feedback: feedback, topics: topics, isClosed: isClosed, logger: logger, metrics: metrics, verify: verify,
            confirm: { message throws(SubscriptionConfirmer.Failure) in try await confirmer.confirm(message) })
    }

    init(
        store: Store, feedback: FeedbackService, topics: Set<String>, isClosed: Bool = false, logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory, verify: Verification?, confirm: @escaping Confirmation
    ) {
        self.store = store
        self.feedback = feedback
        self.topics = topics
        self.isClosed = isClosed
        self.verify = verify
        self.confirm = confirm
        self.logger = logger
        refusals = CounterTable("martlet_sns_messages_refused_total", metrics, from: [.malformed])
    }

    /// Takes in the body of a request, and returns once what it changed is durable.
    ///
    /// - Throws: ``StorageError``, to be answered 5xx, so that SNS tries again.
    package func receive(_ body: [UInt8]) async throws -> Answer {
        guard !isClosed else {
            refusals.count(.closed)
            return .refused("Events come by a queue (sqs.queueURLs): the webhook takes none")
        }
        let message: SNSMessage
        do throws(SNSMessage.Malformed) {
            message = try SNSMessage(parsing: body)
        } catch {
            refusals.count(.malformed)
            return .malformed(error.description)
        }
        if let refusal = try await refusal(of: message) { return refusal }
        switch message.kind {
        case .notification: return try await ingest(message)
        case .subscriptionConfirmation: return try await subscribe(to: message)
        case .unsubscribeConfirmation:
            logger.warning("SNS ended the subscription: feedback no longer arrives", metadata: ["sns.topic": "\(message.topic)"])
            return .accepted
        }
    }

    private func refusal(of message: SNSMessage) async throws -> Answer? {
        do {
            try await check(message)
            return nil
        } catch let rejection as SNSRejection {
            refusals.count(SNSRefusal(reason: rejection.description))
            logger.notice("SNS message refused", metadata: ["sns.topic": "\(message.topic)", "sns.reason": "\(rejection)"])
            return switch rejection.kind {
            case .malformed: .malformed(rejection.description)
            case .forged: .refused(rejection.description)
            case .unavailable: .unavailable(rejection.description)
            }
        }
    }

    /// Throws what `verify` throws, and storage's errors.
    private func check(_ message: SNSMessage) async throws {
        if let verify {
            try await verify(message, try await policy(), store.now)
        } else if !topics.isEmpty, !topics.contains(message.topic.description) {
            throw SNSRejection.topicNotAllowed
        }
    }

    private func policy() async throws -> TopicPolicy {
        guard topics.isEmpty else { return .listed(topics) }
        return try await store.read { try $0.topics.pinned() }.map(TopicPolicy.pinned) ?? .unpinned
    }
}

extension SNSReceiver {
    private func ingest(_ message: SNSMessage) async throws -> Answer {
        if message.message.hasPrefix(QueueBody.greeting) {
            logger.info("SES is connected to the SNS topic", metadata: ["sns.topic": "\(message.topic)"])
            return .accepted
        }
        do {
            try await feedback.ingest(Array(message.message.utf8), receipt: message.messageID)
            return .accepted
        } catch let unreadable as FeedbackService.Unreadable {
            logger.warning(
                "SNS message is no event of SES", metadata: ["sns.topic": "\(message.topic)", "sns.message": "\(message.messageID)"])
            return .malformed(unreadable.explanation)
        }
    }

    private func subscribe(to message: SNSMessage) async throws -> Answer {
        let topic: Logger.MetadataValue = "\(message.topic)"
        do throws(SubscriptionConfirmer.Failure) {
            try await confirm(message)
        } catch {
            logger.warning("SNS subscription not confirmed", metadata: ["sns.topic": topic, "sns.reason": "\(error)"])
            return error == .refused ? .refused("SubscribeURL not of SNS") : .confirmationFailed
        }
        logger.notice("SNS subscription confirmed", metadata: ["sns.topic": topic])
        return try await pin(message.topic)
    }

    /// Pins the topic where none is listed.
    ///
    /// Of two that are confirmed at the same time, one is refused.
    private func pin(_ topic: TopicARN) async throws -> Answer {
        guard topics.isEmpty, verify != nil else { return .accepted }
        let pinned = try await store.write { try $0.topics.pin(topic.description) }
        guard pinned == topic.description else { return .refused(SNSRejection.topicNotAllowed.description) }
        logger.notice("SNS topic pinned: all others are refused from now on", metadata: ["sns.topic": "\(topic)"])
        return .accepted
    }
}
