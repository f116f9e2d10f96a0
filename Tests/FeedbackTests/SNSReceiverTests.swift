import AmazonSES
import MailModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Feedback

@Suite(.timeLimit(.minutes(1)))
struct SNSReceiverTests {
    private static let topic = "arn:aws:sns:us-east-1:123456789012:feedback"
    private static let otherTopic = "arn:aws:sns:us-east-1:999999999999:feedback"

    /// The receiver's dependencies: the answers of the verifier and the confirmer, and the policies that the verifier was called with.
    private final class Dependencies: Sendable {
        struct State {
            var rejection: SNSRejection?
            var failure: SubscriptionConfirmer.Failure?
            var policies: [TopicPolicy] = []
            var confirmations = 0
        }

        let state = Mutex(State())

        func receiver(
            _ store: Store, _ feedback: FeedbackService, topics: Set<String> = [], verifiesSignatures: Bool = true
        ) -> SNSReceiver {
            let verify: SNSReceiver.Verification = { message, policy, _ throws(SNSRejection) in
                let rejection = self.state.withLock { state in
                    state.policies.append(policy)
                    return state.rejection
                }
                if let rejection { throw rejection }
                guard policy.admits(message) else { throw .topicNotAllowed }
            }
            return SNSReceiver(
                store: store, feedback: feedback, topics: topics, logger: silent, verify: verifiesSignatures ? verify : nil,
                confirm: { _ throws(SubscriptionConfirmer.Failure) in
                    let failure = self.state.withLock { state in
                        state.confirmations += 1
                        return state.failure
                    }
                    if let failure { throw failure }
                })
        }
    }

    private let dependencies = Dependencies()

    private func message(_ type: String, _ text: String = "", topic: String = topic, id: String = "id-1") -> [UInt8] {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        let subscription = type == "Notification" ? "" : #","SubscribeURL":"https://sns.us-east-1.amazonaws.com/?Action=x","Token":"t""#
        return Array(
            """
            {"Type":"\(type)","MessageId":"\(id)","TopicArn":"\(topic)","Message":"\(escaped)","Timestamp":"2026-06-15T12:00:00.000Z"\(subscription)}
            """.utf8)
    }

    private func notification(of event: TestEvent, topic: String = topic, id: String = "id-1") -> [UInt8] {
        message("Notification", String(decoding: event.bytes, as: UTF8.self), topic: topic, id: id)
    }

    @Test
    func `a notification is ingested once`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let receiver = dependencies.receiver(store, feedback, topics: [Self.topic])
            for id in ["id-1", "id-1", "id-2"] {
                #expect(try await receiver.receive(notification(of: .bounce(), id: id)) == .accepted)
            }
            #expect(try await store.domain("example.com").counters.bounces == 2)
            #expect(dependencies.state.withLock { $0.policies.last } == .listed([Self.topic]))
        }
    }

    @Test
    func `the first confirmed topic is pinned, and all others are refused`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let receiver = dependencies.receiver(store, feedback)
            #expect(try await receiver.receive(notification(of: .bounce())) == .refused("topic not allowed"))
            #expect(try await receiver.receive(message("SubscriptionConfirmation")) == .accepted)
            #expect(try await store.read { try $0.topics.pinned() } == Self.topic)
            #expect(try await receiver.receive(notification(of: .bounce())) == .accepted)
            for type in ["SubscriptionConfirmation", "Notification", "UnsubscribeConfirmation"] {
                #expect(try await receiver.receive(message(type, topic: Self.otherTopic)) == .refused("topic not allowed"))
            }
            #expect(try await receiver.receive(message("SubscriptionConfirmation")) == .accepted)
            #expect(dependencies.state.withLock { $0.confirmations } == 2)
            #expect(try await store.domain("example.com").counters.bounces == 1)
        }
    }

    @Test
    func `of two topics confirmed concurrently one is pinned`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let receiver = dependencies.receiver(store, feedback)
            async let one = receiver.receive(message("SubscriptionConfirmation"))
            async let other = receiver.receive(message("SubscriptionConfirmation", topic: Self.otherTopic))
            let answers = [try await one, try await other]
            #expect(answers.count { $0 == .accepted } == 1)
            #expect(try await store.read { try $0.topics.pinned() } == (answers[0] == .accepted ? Self.topic : Self.otherTopic))
        }
    }

    @Test(arguments: [
        (SubscriptionConfirmer.Failure.refused, SNSReceiver.Answer.refused("SubscribeURL not of SNS")), (.failed, .confirmationFailed),
    ])
    func `a confirmation that fails pins nothing`(failure: SubscriptionConfirmer.Failure, answer: SNSReceiver.Answer) async throws {
        try await withFeedback { feedback, store, _ async throws in
            dependencies.state.withLock { $0.failure = failure }
            #expect(try await dependencies.receiver(store, feedback).receive(message("SubscriptionConfirmation")) == answer)
            #expect(try await store.read { try $0.topics.pinned() } == nil)
        }
    }

    @Test
    func `a listed topic is not pinned`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let receiver = dependencies.receiver(store, feedback, topics: [Self.topic, Self.otherTopic])
            #expect(try await receiver.receive(message("SubscriptionConfirmation")) == .accepted)
            #expect(try await store.read { try $0.topics.pinned() } == nil)
        }
    }

    @Test
    func `a message that the verifier refuses changes nothing`() async throws {
        try await withFeedback { feedback, store, domain async throws in
            dependencies.state.withLock { $0.rejection = .topicNotAllowed }
            let receiver = dependencies.receiver(store, feedback)
            for body in [notification(of: .bounce()), message("SubscriptionConfirmation"), message("UnsubscribeConfirmation")] {
                #expect(try await receiver.receive(body) == .refused("topic not allowed"))
            }
            #expect(dependencies.state.withLock { $0.confirmations } == 0)
            #expect(try await store.domain("example.com") == domain)
            // The receipt was not recorded either: the true message of this id still counts.
            dependencies.state.withLock { $0.rejection = nil }
            _ = try await receiver.receive(message("SubscriptionConfirmation"))
            _ = try await receiver.receive(notification(of: .bounce()))
            #expect(try await store.domain("example.com").counters.bounces == 1)
        }
    }

    @Test
    func `without signatures every topic is accepted, unless some are listed`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let open = dependencies.receiver(store, feedback, verifiesSignatures: false)
            #expect(try await open.receive(notification(of: .bounce())) == .accepted)
            #expect(try await open.receive(message("SubscriptionConfirmation", topic: Self.otherTopic)) == .accepted)
            #expect(try await store.read { try $0.topics.pinned() } == nil)
            let listed = dependencies.receiver(store, feedback, topics: [Self.topic], verifiesSignatures: false)
            #expect(try await listed.receive(notification(of: .bounce(), topic: Self.otherTopic)) == .refused("topic not allowed"))
            #expect(try await store.domain("example.com").counters.bounces == 1)
        }
    }

    @Test(arguments: [
        "Successfully validated SNS topic for Amazon SES event publishing.", #"{"notificationType":"AmazonSnsSubscriptionSucceeded"}"#,
        #"{"eventType":"Novelty"}"#,
    ])
    func `SES's greetings and unknown types are acknowledged`(text: String) async throws {
        try await withFeedback { feedback, store, _ async throws in
            #expect(
                try await dependencies.receiver(store, feedback, topics: [Self.topic]).receive(message("Notification", text)) == .accepted)
        }
    }

    @Test
    func `the end of the subscription is acknowledged`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            #expect(
                try await dependencies.receiver(store, feedback, topics: [Self.topic]).receive(message("UnsubscribeConfirmation"))
                    == .accepted)
        }
    }

    @Test
    func `a body that is no message is malformed, with an explanation`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let receiver = dependencies.receiver(store, feedback, topics: [Self.topic])
            for body in [[], Array("[]".utf8), Array("{}".utf8), TestEvent.bounce().bytes, message("Notification", "no event")] {
                let answer = try await receiver.receive(body)
                guard case .malformed(let explanation) = answer else {
                    Issue.record("\(String(decoding: body, as: UTF8.self)): \(answer)")
                    continue
                }
                #expect(!explanation.isEmpty)
            }
        }
    }

    @Test
    func `a storage failure is thrown, so that SNS tries again`() async throws {
        try await withFeedback { feedback, store, _ async throws in
            let receiver = dependencies.receiver(store, feedback, topics: [Self.topic])
            try await store.close()
            await #expect(throws: (any Error).self) { try await receiver.receive(notification(of: .bounce())) }
        }
    }
}
