import Encoding
import MailModel

/// Confirms a subscription by fetching its `SubscribeURL`, after checking that it is of SNS and confirms the topic of the message.
package struct SubscriptionConfirmer: Sendable {
    private let http: AWSHTTPClient
    private let localEndpoint: WebURL?
    private let allowsLocal: Bool
    private let timeout: Duration

    /// Why a subscription was not confirmed.
    package enum Failure: Error, Equatable {
        /// The URL is not of SNS, or confirms something else (403).
        case refused
        /// The request failed (502). SNS sends the confirmation again when asked.
        case failed
    }

    /// Creates a confirmer.
    ///
    /// - Parameters:
    ///   - verifiesSignatures: the setting `sns.verifySignatures`. Only without it, in local development, the URL may also be of this
    ///     machine or of `endpoint`, where stand-ins for SNS are.
    ///   - endpoint: `AWS_ENDPOINT_URL`.
    package init(http: AWSHTTPClient, verifiesSignatures: Bool, endpoint: String? = nil, timeout: Duration = .seconds(10)) {
        self.http = http
        self.timeout = timeout
        allowsLocal = !verifiesSignatures
        localEndpoint = endpoint.flatMap(WebURL.init)
    }

    /// Confirms the subscription of a message.
    package func confirm(_ message: SNSMessage) async throws(Failure) {
        guard let text = message.subscribeURL, let url = WebURL(text), isTrusted(url, of: message.topic), url.confirms(message.topic)
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

    private func isTrusted(_ url: WebURL, of topic: TopicARN) -> Bool {
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

extension WebURL {
    /// The decoded values of a query parameter, in order.
    func values(of parameter: String) -> [String] {
        (query ?? "").split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return PercentEncoding.decode(parts[0]) == parameter ? PercentEncoding.decode(parts.count > 1 ? parts[1] : "") : nil
        }
    }
}
