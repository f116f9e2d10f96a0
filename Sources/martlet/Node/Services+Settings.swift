import AmazonSES
import Callbacks
import Concurrency
import DNS
import Feedback
import HTTPAPI
import Logging
import MailModel
import Outbound
import Runtime
import SMTPServer
import Sending
import Storage

// Services, and values of services, created from settings.

extension DomainService {
    convenience init(store: Store, settings: Settings, identities: IdentityCleanup) {
        self.init(
            store: store, gate: settings.gate,
            defaults: OutboundDefaults(dailyLimit: settings.domains.dailyLimit, monthlyLimit: settings.domains.monthlyLimit),
            rules: settings.domains.ownership, identities: identities)
    }
}

extension AddressPolicy {
    init(_ settings: Settings.Callbacks) {
        self.init(allowsPrivate: settings.allowPrivate, allowsHTTP: settings.allowHTTP)
    }
}

extension DeliverySettings {
    /// Creates the settings of a node.
    ///
    /// - Parameter owner: this node's name in its leases.
    init(_ settings: Settings.Delivery, owner: String) {
        self.init(owner: owner)
        retries = settings.retry
        lease = settings.lease
        grace = settings.grace
        concurrency = settings.concurrency
        rate = settings.rate.map(Double.init)
    }
}

extension FeedbackRules {
    init(_ settings: Settings) {
        self.init(
            countTransient: settings.countTransient, softBounceLimit: settings.recipients.softBounceLimit,
            softBounceRetries: settings.delivery.softBounceRetries, retrySchedule: settings.delivery.retry)
    }
}

extension RecipientChecks {
    init(_ settings: Settings.Recipients, resolver: Resolver) {
        self.init(roleAddresses: settings.roleAddresses, requireMX: settings.requireMX) { await resolver.mailAcceptance(of: $0) }
    }
}

extension SubmissionLimits {
    init(_ settings: Settings) {
        self.init()
        attachmentBytes = settings.maximumAttachmentBytes
        textBytes = settings.maximumEmailBytes
        batchBytes = settings.maximumBatchBytes
        hasPublicURL = settings.publicURL != nil
        farthestSchedule = settings.farthestSchedule
        messageBytes = settings.transport == .ses ? SESTransport.maximumMessageBytes : nil
        // As much as a composed email may have: its texts, and its attachments in base64 with line ends.
        largestRawBytes = settings.maximumEmailBytes + settings.maximumAttachmentBytes / 3 * 4 * 78 / 76
    }
}

extension MemoryBudget {
    /// The memory of requests: as much as is configured, and enough for a few of the largest.
    convenience init(_ settings: Settings) {
        let largest = settings.maximumEmailBytes + (settings.maximumAttachmentBytes + 2) / 3 * 4
        self.init(bytes: max(settings.http.bodyMegabytes << 20, 6 * largest))
    }
}

extension Settings {
    /// The largest request of the API of SES, in bytes: its forms take up to three bytes for one of a text, and base64 little more than one.
    var largestSESRequest: Int { 3 * maximumEmailBytes + (maximumAttachmentBytes + 2) / 3 * 4 * 17 / 16 }
}

extension SubmissionCertificate {
    /// The certificate of submission; `nil` where there is none.
    ///
    /// - Throws: an error of TLS where it cannot be used.
    convenience init?(_ settings: Settings, logger: Logger) throws {
        guard settings.roles.contains(.submission), settings.submission.listen != nil, let certificate = settings.submission.certificate,
            let key = settings.submission.key
        else { return nil }
        try self.init(certificate: certificate, key: key, logger: logger)
    }
}

extension EmailSize {
    init(_ settings: Settings) {
        self.init(bytes: settings.maximumEmailBytes, attachmentBytes: settings.maximumAttachmentBytes)
    }
}

extension SNSReceiver {
    convenience init(_ settings: Settings, store: Store, feedback: FeedbackService, provider: Provider, logger: Logger) {
        let http = provider.http
        self.init(
            store: store, feedback: feedback,
            verifier: settings.sns.verifySignatures ? SNSVerifier(certificates: HTTPCertificateSource(http: http)) : nil,
            confirmer: SubscriptionConfirmer(
                http: http, verifiesSignatures: settings.sns.verifySignatures, endpoint: provider.endpointURL),
            topics: Set(settings.sns.topicARNs), isClosed: !settings.sqs.queueURLs.isEmpty, logger: logger)
    }
}

extension Logger {
    /// The logger of commands, which print their results: warnings and errors only.
    static var quiet: Logger {
        let output = LogOutput.standardError(clock: SystemClock.now)
        return Logger(label: "martlet") { LineLogHandler(label: $0, level: .warning, format: .text, output: output) }
    }
}
