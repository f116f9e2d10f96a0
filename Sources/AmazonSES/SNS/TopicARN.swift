import MailModel

/// The name of an SNS topic: `arn:aws:sns:us-east-1:123456789012:feedback`.
package struct TopicARN: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// `us-east-1`: where the topic lives, and so the only host that may sign and confirm for it.
    package let region: String

    /// `nil` for what is no ARN of a topic: partition `aws…`, service `sns`, a region, twelve digits, a name of letters, digits, `-`, `_`
    /// and `.`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", ["aws", "aws-cn", "aws-us-gov"].contains(parts[1]), parts[2] == "sns",
            AWSConfiguration.isRegion(parts[3]),
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            (1...256).contains(parts[5].utf8.count), parts[5].utf8.allSatisfy({ $0.isUnreserved && $0 != UInt8(ascii: "~") })
        else { return nil }
        description = text
        region = String(parts[3])
    }
}

extension WebURL {
    /// The URL is https on SNS's own host for the topic's region, without user part and port: the only hosts whose word counts.
    func isSNS(of topic: TopicARN) -> Bool {
        let name = "sns.\(topic.region).amazonaws.com"
        return scheme == "https" && port == nil && (host == name || host == name + ".cn")
    }
}
