package import MailModel
package import SMTP

/// Sends through an SMTP relay.
///
/// Deliveries, bounces and complaints are not reported afterwards.
package struct SMTPTransport: Transport {
    private let client: SMTPClient

    /// Creates a transport.
    package init(client: SMTPClient) {
        self.client = client
    }

    /// Sends one message.
    ///
    /// - Returns: its `Message-ID` without angle brackets, as a relay returns no id of its own.
    package func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        do {
            try await client.send(from: email.sender, to: email.recipient, message: message)
            return MessageComposer.messageID(of: email)
        } catch {
            throw TransportError(error)
        }
    }

    /// Returns `nil`: a relay has no quota.
    package func quota() -> TransportQuota? {
        nil
    }
}

extension TransportError {
    /// The consequence of a failure of the relay.
    init(_ failure: SMTPFailure) {
        let consequence: Consequence =
            switch failure.consequence {
            // A relay answers 421 when it is overloaded.
            case .transient: .retry(isThrottled: failure.explanation.hasPrefix("421 "))
            case .permanent: .permanent(.notSent)
            case .closedToUs: .paused
            case .unknown: .unknown
            }
        self.init(consequence, failure.explanation)
    }
}
