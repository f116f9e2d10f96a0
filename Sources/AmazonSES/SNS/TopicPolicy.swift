import Encoding
import MailModel

/// The topics whose messages are accepted (specification 4.1).
///
/// A signature proves only that a message is of some topic of SNS, which any AWS account can have. So the topic is checked first.
package enum TopicPolicy: Sendable, Equatable {
    /// The topics of the configuration (`sns.topicARNs`).
    case listed(Set<String>)
    /// The topic whose signed confirmation arrived first.
    case pinned(String)
    /// No topic yet: only a signed confirmation of any topic is accepted, which the caller then pins.
    case unpinned

    /// Returns whether a message is of an accepted topic.
    package func admits(_ message: SNSMessage) -> Bool {
        switch self {
        case .listed(let topics): topics.contains(message.topic.description)
        case .pinned(let topic): message.topic.description == topic
        case .unpinned: message.kind == .subscriptionConfirmation
        }
    }
}

/// The name of an SNS topic: `arn:aws:sns:us-east-1:123456789012:feedback`.
package struct TopicARN: Sendable, Hashable, CustomStringConvertible {
    /// The ARN.
    package let description: String
    /// The region of the topic, such as `us-east-1`: only SNS's host there may sign and confirm for it.
    package let region: String

    /// Parses an ARN; `nil` where it is not one of a topic: partition `aws…`, service `sns`, a region, twelve digits, a name of letters,
    /// digits, `-`, `_` and `.`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", ["aws", "aws-cn", "aws-us-gov"].contains(parts[1]), parts[2] == "sns",
            AWSConfiguration.isRegion(parts[3]),
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            (1...256).contains(parts[5].utf8.count),
            parts[5].utf8.allSatisfy({ PercentEncoding.isUnreserved($0) && $0 != UInt8(ascii: "~") })
        else { return nil }
        description = text
        region = String(parts[3])
    }
}

extension WebURL {
    /// Whether the URL is https on SNS's own host in the topic's region, without user part and port.
    func isSNS(of topic: TopicARN) -> Bool {
        let name = "sns.\(topic.region).amazonaws.com"
        return scheme == "https" && port == nil && (host == name || host == name + ".cn")
    }
}
