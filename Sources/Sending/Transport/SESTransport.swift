package import AmazonSES
package import MailModel

/// Sends through Amazon SES (`SendRawEmail`).
package struct SESTransport: Transport {
    /// The most bytes of a message in its wire form that `SendRawEmail` accepts (AWS: "Service quotas in Amazon SES", not adjustable).
    package static let maximumMessageBytes = 10 << 20

    private let client: any SESSending
    private let configurationSet: String?

    /// Creates a transport.
    ///
    /// - Parameter configurationSet: the configuration set by which SES publishes events; `nil` for feedback by identity only.
    package init(client: any SESSending, configurationSet: String?) {
        self.client = client
        self.configurationSet = configurationSet
    }

    /// Sends one message with its id as the tag `martlet-id`.
    package func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        let raw = RawEmail(
            source: email.sender, destinations: [email.recipient], data: message, configurationSet: configurationSet,
            tags: [("martlet-id", email.id.description)])
        do {
            return try await client.sendRawEmail(raw)
        } catch {
            throw TransportError(error, parking: error.pausedScope.flatMap { scope(of: $0, for: email.sender) })
        }
    }

    /// Returns the configuration set, the domain and the address of the sender.
    package func scopes(of sender: EmailAddress) -> [SendingScope] {
        (configurationSet.map { [.configurationSet($0)] } ?? []) + SendingScope.identities(of: sender)
    }

    /// The scope that SES names, if this sender's mail belongs to it, or else the sender's domain; `nil` for the whole account.
    private func scope(of paused: SESError.PausedScope, for sender: EmailAddress) -> SendingScope? {
        switch paused {
        case .account: return nil
        case .configurationSet: return configurationSet.map(SendingScope.configurationSet)
        case .identity(let name):
            let named = SendingScope.identity(name)
            return SendingScope.identities(of: sender).contains(named) ? named : .identity(sender.domain.description.lowercased())
        }
    }

    /// Returns SES's sending quota (`GetSendQuota`).
    package func quota() async throws(TransportError) -> TransportQuota? {
        do {
            let quota = try await client.sendQuota()
            // -1 means unlimited.
            guard quota.max24HourSend >= 0 else { return TransportQuota(messagesPerSecond: quota.maxSendRate) }
            let remaining = max(0, min(quota.max24HourSend - quota.sentLast24Hours, 1e15))
            return TransportQuota(messagesPerSecond: quota.maxSendRate, remaining: Int64(remaining))
        } catch {
            throw TransportError(error)
        }
    }
}

extension TransportError {
    /// The consequence of an error of SES.
    ///
    /// - Parameter scope: the scope that a pause is for; `nil`: the account.
    init(_ error: SESError, parking scope: SendingScope? = nil) {
        let consequence: Consequence =
            switch error.outcome {
            case .retry: .retry(isThrottled: error.isThrottling)
            case .permanent: .permanent(.notSent)
            case .paused: scope.map(Consequence.parked) ?? .paused
            case .unknown: .unknown
            }
        self.init(consequence, "\(error.code): \(error.message)")
    }
}
