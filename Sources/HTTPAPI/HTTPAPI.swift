public import Access
public import Callbacks
public import Feedback
import Hummingbird
public import HummingbirdCore
public import Metering
public import Outbound
public import Recipients
public import Reports
public import Sending
public import Storage
package import Web

/// The door for applications: every operation of the API, and what stands around it.
///
/// It parses, calls a service and renders; rules and queries live below. The executable makes an `Application` of ``door`` and ``server``.
public struct HTTPAPI: Sendable {
    /// What the operations call.
    public struct Services: Sendable {
        public var store: Store
        public var authenticator: Authenticator
        public var keys: KeyService
        public var domains: DomainService
        public var senders: SenderService
        public var verification: VerificationService
        public var dnsChecks: DNSCheckService
        public var reputations: ReputationService
        public var submission: Submission
        public var mailbox: Mailbox
        public var templates: TemplateService
        public var subscriptions: SubscriptionService
        public var suppressions: SuppressionService
        public var callbacks: CallbackService
        public var reports: ReportService
        public var unsubscribes: UnsubscribeService
        public var receiver: SNSReceiver
        public var metrics: MetricsReport

        public init(
            store: Store, authenticator: Authenticator, keys: KeyService, domains: DomainService, senders: SenderService,
            verification: VerificationService, dnsChecks: DNSCheckService, reputations: ReputationService, submission: Submission,
            mailbox: Mailbox, templates: TemplateService,
            subscriptions: SubscriptionService, suppressions: SuppressionService, callbacks: CallbackService,
            reports: ReportService, unsubscribes: UnsubscribeService, receiver: SNSReceiver, metrics: MetricsReport
        ) {
            self.store = store
            self.authenticator = authenticator
            self.keys = keys
            self.domains = domains
            self.senders = senders
            self.verification = verification
            self.dnsChecks = dnsChecks
            self.reputations = reputations
            self.submission = submission
            self.mailbox = mailbox
            self.templates = templates
            self.subscriptions = subscriptions
            self.suppressions = suppressions
            self.callbacks = callbacks
            self.reports = reports
            self.unsubscribes = unsubscribes
            self.receiver = receiver
            self.metrics = metrics
        }
    }

    private let services: Services
    private let address: PublicAddress
    private let largestEmail: EmailSize

    /// - Parameters:
    ///   - address: what the reference tells people to call.
    ///   - largestEmail: what `POST /emails` takes.
    public init(
        _ services: Services, address: PublicAddress, largestEmail: EmailSize = EmailSize(bytes: 10 << 20, attachmentBytes: 10 << 20)
    ) {
        self.services = services
        self.address = address
        self.largestEmail = largestEmail
    }

    /// Every operation, in the order of `/openapi.json`.
    var operations: [Operation] {
        let described =
            DomainOperations(
                domains: services.domains, verification: services.verification, dnsChecks: services.dnsChecks
            ).operations
            + OutboundOperations(domains: services.domains).operations
            + ResetOperations(domains: services.domains).operations
            + KeyOperations(keys: services.keys).operations
            + AccountOperations(store: services.store).operations
            + ReputationOperations(reputations: services.reputations).operations
            + emails.operations
            + TemplateOperations(store: services.store, templates: services.templates).operations
            + SenderOperations(senders: services.senders, clock: { [store = services.store] in store.now }).operations
            + SubscriptionOperations(subscriptions: services.subscriptions, clock: { [store = services.store] in store.now }).operations
            + SuppressionOperations(store: services.store, suppressions: services.suppressions).operations
            + CallbackOperations(store: services.store, callbacks: services.callbacks).operations
            + ReportOperations(store: services.store, reports: services.reports).operations
            + UnsubscribeOperations(unsubscribes: services.unsubscribes).operations
            + WebhookOperations(receiver: services.receiver).operations
            + HealthOperations(store: services.store).operations
            + MetricsOperations(report: services.metrics).operations
        return DescribingOperations.completing(described, schemas: schemas, address: address)
    }

    private var emails: EmailOperations {
        EmailOperations(
            submission: services.submission, mailbox: services.mailbox, largest: largestEmail,
            clock: { [store = services.store] in store.now })
    }

    private var schemas: [(name: String, schema: Schema)] {
        OutboundOperations.schemas + DomainOperations.schemas + KeyOperations.schemas + AccountOperations.schemas
            + ReputationOperations.schemas + EmailOperations.schemas + EmailOperations.batchSchemas + TemplateOperations.schemas
            + SenderOperations.schemas
            + SubscriptionOperations.schemas + SuppressionOperations.schemas
            + CallbackOperations.schemas + ReportOperations.schemas
    }

    /// What the server gets of this room.
    package var door: Door {
        Door(
            prefix: "/",
            routes: operations.map { Route($0.method, $0.path, OperationResponder($0, authenticator: services.authenticator)) }
                + ReferenceAssets.routes,
            answer: { [store = services.store] error, request, context in
                ErrorShape(path: request.uri.path)
                    .response(error, meta: Envelope.Meta(time: store.now, transactionID: context.record.id))
            })
    }

    /// HTTP/1.1 with bounds: connections on which nothing moves for a minute are closed, header fields are limited.
    public static var server: HTTPServerBuilder {
        .http1(
            configuration: .init(
                idleTimeout: .seconds(60),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)))
    }
}
