public import AmazonSES
public import MailModel

/// Sends by Amazon SES (`SendRawEmail`).
public struct SESTransport: Transport {
    /// Bytes of a message in its wire form that `SendRawEmail` takes, attachments included (AWS: "Service quotas in Amazon SES", not adjustable).
    public static let maximumMessageBytes = 10 << 20

    private let client: any SESSending
    private let configurationSet: String?

    /// - Parameter configurationSet: by whose rules SES reports events; `nil` for identity feedback only.
    public init(client: any SESSending, configurationSet: String?) {
        self.client = client
        self.configurationSet = configurationSet
    }

    public func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        let raw = RawEmail(
            source: email.sender, destinations: [email.recipient], data: message, configurationSet: configurationSet,
            tags: [("martlet-id", email.id.description)])
        do {
            return try await client.sendRawEmail(raw)
        } catch {
            throw TransportError(error)
        }
    }

    public func quota() async throws(TransportError) -> TransportQuota? {
        do {
            let quota = try await client.sendQuota()
            // -1 is unlimited.
            guard quota.max24HourSend >= 0 else { return TransportQuota(messagesPerSecond: quota.maxSendRate) }
            let remaining = max(0, min(quota.max24HourSend - quota.sentLast24Hours, 1e15))
            return TransportQuota(messagesPerSecond: quota.maxSendRate, remaining: Int64(remaining))
        } catch {
            throw TransportError(error)
        }
    }
}

extension TransportError {
    init(_ error: SESError) {
        let consequence: Consequence =
            switch error.outcome {
            case .retry: .retry(isThrottled: error.isThrottling)
            case .permanent: .permanent(.notSent)
            case .paused: .paused
            case .unknown: .unknown
            }
        self.init(consequence, "\(error.code): \(error.message)")
    }
}
