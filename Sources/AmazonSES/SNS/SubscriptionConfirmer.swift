import MailModel

/// Confirms a subscription by visiting its `SubscribeURL`, after checking that it leads to SNS and confirms this very topic.
package struct SubscriptionConfirmer: Sendable {
    private let http: AWSHTTPClient
    private let localEndpoint: WebURL?
    private let allowsLocal: Bool
    private let timeout: Duration

    /// Why a subscription was not confirmed.
    package enum Failure: Error, Equatable {
        /// The URL does not lead to SNS, or confirms something else (403).
        case refused
        /// The visit did not succeed (502): SNS sends the confirmation again when asked.
        case failed
    }

    /// - Parameters:
    ///   - verifiesSignatures: the setting `sns.verifySignatures`. Only without it, in local development, may the URL also lead to this
    ///     machine or to `endpoint`, because stand-ins for SNS live there.
    ///   - endpoint: `AWS_ENDPOINT_URL`.
    package init(http: AWSHTTPClient, verifiesSignatures: Bool, endpoint: String? = nil, timeout: Duration = .seconds(10)) {
        self.http = http
        self.timeout = timeout
        allowsLocal = !verifiesSignatures
        localEndpoint = endpoint.flatMap(WebURL.init)
    }

    package func confirm(_ message: SNSMessage) async throws(Failure) {
        guard let text = message.subscribeURL, let url = WebURL(text), leadsToSNS(url, of: message.topic), url.confirms(message.topic)
        else {
            throw .refused
        }
        let answer: HTTPAnswer
        do {
            answer = try await http.exchange(OutgoingRequest(url: url.description), timeout: timeout, maximumBytes: 64 * 1024)
        } catch {
            throw .failed
        }
        guard (200..<300).contains(answer.status) else { throw .failed }
    }

    private func leadsToSNS(_ url: WebURL, of topic: TopicARN) -> Bool {
        if url.isSNS(of: topic) { return true }
        guard allowsLocal else { return false }
        return url.isLoopback || (url.scheme == localEndpoint?.scheme && url.authority == localEndpoint?.authority)
    }
}

extension WebURL {
    fileprivate func confirms(_ topic: TopicARN) -> Bool {
        path == "/" && values(of: "Action") == ["ConfirmSubscription"] && values(of: "TopicArn") == [topic.description]
    }
}
