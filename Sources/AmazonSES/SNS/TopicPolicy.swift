/// Which topics are listened to (specification 4.1).
///
/// A signature of SNS proves that *somebody's* topic sent a message: any AWS account can have one. So the topic is checked first.
package enum TopicPolicy: Sendable, Equatable {
    /// These, from the configuration (`sns.topicARNs`).
    case listed(Set<String>)
    /// The one whose signed confirmation arrived first.
    case pinned(String)
    /// None yet: a confirmation from any topic is taken, if it is signed, and the caller pins its topic; nothing else is.
    case unpinned

    package func admits(_ message: SNSMessage) -> Bool {
        switch self {
        case .listed(let topics): topics.contains(message.topic.description)
        case .pinned(let topic): message.topic.description == topic
        case .unpinned: message.kind == .subscriptionConfirmation
        }
    }
}
