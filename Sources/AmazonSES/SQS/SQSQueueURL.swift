package import MailModel

/// A queue, with the region and the server that requests about it go to, by AWS's own environment variables (specification 14.1).
///
/// - `AWS_ENDPOINT_URL_SQS`, then `AWS_ENDPOINT_URL`: another server in place of the host of the queue's URL, for tests.
/// - `AWS_REGION` and its like, where the host of the queue's URL names no region.
package struct SQSConfiguration: Sendable, Equatable {
    /// The queue.
    package let queue: SQSQueueURL
    /// The region that requests are signed for.
    package let region: String
    /// The URL that requests go to.
    package let endpoint: WebURL

    /// Reads the configuration.
    ///
    /// - Parameter environment: the variables of the process.
    package init(_ queue: SQSQueueURL, environment: [String: String]) throws(AWSConfiguration.Invalid) {
        self.queue = queue
        let variable = ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"].first { environment.filled($0) != nil }
        guard let endpoint = WebURL(variable.flatMap(environment.filled) ?? queue.endpoint), endpoint.query == nil else {
            throw AWSConfiguration.Invalid(variable: variable ?? "MARTLET_SQS_QUEUE_URLS", expected: "a URL such as http://127.0.0.1:5000")
        }
        self.endpoint = endpoint
        if let region = queue.region {
            self.region = region
        } else {
            region = try AWSConfiguration.region(environment: environment, of: "the queue \(queue.name)")
        }
    }
}

/// The URL of a queue: `https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events`, or one of a stand-in for tests.
package struct SQSQueueURL: Sendable, Hashable, CustomStringConvertible {
    /// The URL.
    package let description: String
    /// The name of the queue, the last part of its path.
    package let name: String
    /// The region in the host's name; `nil` for a host that is not Amazon's.
    package let region: String?
    /// `https://` and the host, to which requests are sent unless AWS's variables name another server.
    let endpoint: String

    /// Reads a URL: `https`, or `http` for a host that is not Amazon's, whose path ends in the name of a queue; `nil` for anything else.
    package init?(_ text: String) {
        guard let url = WebURL(text), url.query == nil, let name = url.path.split(separator: "/").last, Self.isName(name) else {
            return nil
        }
        let isAmazon = Self.suffixes.contains { url.host.hasSuffix($0) }
        region = isAmazon ? Self.region(ofHost: url.host) : nil
        guard !isAmazon || url.scheme == "https" && region != nil else { return nil }
        description = url.description
        self.name = String(name)
        endpoint = url.scheme + "://" + url.authority + "/"
    }

    private static let suffixes = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]

    /// The region in `sqs.REGION.amazonaws.com`, `sqs-fips.REGION.…`, `vpce-….sqs.REGION.vpce.…` and the older `REGION.queue.…`
    /// (AWS general reference, "Amazon Simple Queue Service endpoints and quotas"); `queue.amazonaws.com` alone is us-east-1.
    private static func region(ofHost host: String) -> String? {
        let labels = host.split(separator: ".")
        var region: Substring?
        if let service = labels.firstIndex(where: { $0 == "sqs" || $0 == "sqs-fips" }), service + 1 < labels.count {
            region = labels[service + 1]
        } else if let service = labels.firstIndex(of: "queue") {
            region = service > 0 ? labels[service - 1] : "us-east-1"
        }
        return region.flatMap { AWSConfiguration.isRegion($0) && $0 != "amazonaws" ? String($0) : nil }
    }

    /// Up to 80 letters, digits, `-` and `_`; a FIFO queue's name ends in `.fifo` (SQS developer guide, "Message quotas").
    private static func isName(_ text: Substring) -> Bool {
        let stem = text.hasSuffix(".fifo") ? text.dropLast(5) : text
        return (1...80).contains(text.utf8.count) && !stem.isEmpty
            && stem.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }
}
