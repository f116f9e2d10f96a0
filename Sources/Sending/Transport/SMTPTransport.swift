package import MailModel
package import SMTP

/// Sends by a relay that speaks SMTP. What it says is all there is to know: nothing reports deliveries, bounces or complaints afterwards.
package struct SMTPTransport: Transport {
    private let client: SMTPClient

    package init(client: SMTPClient) {
        self.client = client
    }

    /// - Returns: the message's `Message-ID` without its brackets: the relay gives it no other name that anybody would use.
    package func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        do {
            try await client.send(from: email.sender, to: email.recipient, message: message)
            return MessageComposer.messageID(of: email)
        } catch {
            throw TransportError(error)
        }
    }

    package func quota() -> TransportQuota? {
        nil
    }
}

extension TransportError {
    init(_ failure: SMTPFailure) {
        let consequence: Consequence =
            switch failure.consequence {
            // 421 is what a relay says that has too much to do.
            case .transient: .retry(isThrottled: failure.explanation.hasPrefix("421 "))
            case .permanent: .permanent(.notSent)
            case .closedToUs: .paused
            case .unknown: .unknown
            }
        self.init(consequence, failure.explanation)
    }
}
