package import Access
package import Callbacks
package import Feedback
import Hummingbird
package import HummingbirdCore
package import Metering
package import Outbound
package import Recipients
package import Reports
package import Sending
package import Storage
package import Web

/// The door for applications: every operation of the API, and what stands around it.
///
/// It parses, calls a service and renders; rules and queries live below. The executable makes an `Application` of ``door`` and ``server``.
package struct HTTPAPI: Sendable {
    /// What the operations call.
    package struct Services: Sendable {
        package var store: Store
        package var authenticator: Authenticator
        package var keys: KeyService
        package var domains: DomainService
        package var senders: SenderService
        package var verification: VerificationService
        package var dnsChecks: DNSCheckService
        package var reputations: ReputationService
        package var submission: Submission
        package var mailbox: SentEmails
        package var templates: TemplateService
        package var subscriptions: SubscriptionService
        package var suppressions: SuppressionService
        package var callbacks: CallbackService
        package var reports: ReportService
        package var unsubscribes: UnsubscribeService
        package var receiver: SNSReceiver
        package var metrics: MetricsReport

        package init(
            store: Store, authenticator: Authenticator, keys: KeyService, domains: DomainService, senders: SenderService,
            verification: VerificationService, dnsChecks: DNSCheckService, reputations: ReputationService, submission: Submission,
            mailbox: SentEmails, templates: TemplateService,
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
    package init(
        _ services: Services, address: PublicAddress, largestEmail: EmailSize = EmailSize(bytes: 10 << 20, attachmentBytes: 10 << 20)
    ) {
        self.services = services
        self.address = address
        self.largestEmail = largestEmail
    }

    /// Every operation, in the order of `/openapi.json`.
    var operations: [Operation] {
        let described =
            DomainController(
                domains: services.domains, verification: services.verification, dnsChecks: services.dnsChecks
            ).operations
            + OutboundController(domains: services.domains).operations
            + ResetController(domains: services.domains).operations
            + KeyController(keys: services.keys).operations
            + AccountController(store: services.store).operations
            + ReputationController(reputations: services.reputations).operations
            + emails.operations
            + TemplateController(store: services.store, templates: services.templates).operations
            + SenderController(senders: services.senders, clock: { [store = services.store] in store.now }).operations
            + SubscriptionController(subscriptions: services.subscriptions, clock: { [store = services.store] in store.now }).operations
            + SuppressionController(store: services.store, suppressions: services.suppressions).operations
            + CallbackController(store: services.store, callbacks: services.callbacks).operations
            + ReportController(store: services.store, reports: services.reports).operations
            + UnsubscribeController(unsubscribes: services.unsubscribes).operations
            + WebhookController(receiver: services.receiver).operations
            + HealthController(store: services.store).operations
            + MetricsController(report: services.metrics).operations
        return DocumentationController.completing(described, schemas: schemas, address: address)
    }

    private var emails: EmailController {
        EmailController(
            submission: services.submission, mailbox: services.mailbox, largest: largestEmail,
            clock: { [store = services.store] in store.now })
    }

    private var schemas: [(name: String, schema: Schema)] {
        OutboundController.schemas + DomainController.schemas + KeyController.schemas + AccountController.schemas
            + ReputationController.schemas + EmailController.schemas + EmailController.batchSchemas + TemplateController.schemas
            + SenderController.schemas
            + SubscriptionController.schemas + SuppressionController.schemas
            + CallbackController.schemas + ReportController.schemas
    }

    /// What the server gets of this room.
    package var door: RouteGroup {
        RouteGroup(
            prefix: "/",
            routes: operations.map { Route($0.method, $0.path, OperationResponder($0, authenticator: services.authenticator)) }
                + ReferenceAssets.routes,
            answer: { [store = services.store] error, request, context in
                ErrorFormat(path: request.uri.path)
                    .response(error, meta: Envelope.Meta(time: store.now, transactionID: context.record.id))
            })
    }

    /// HTTP/1.1 with bounds: connections on which nothing moves for a minute are closed, header fields are limited.
    package static var server: HTTPServerBuilder {
        .http1(
            configuration: .init(
                idleTimeout: .seconds(60),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)))
    }
}
