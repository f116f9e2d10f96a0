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

/// The interface for applications: all operations of the API, `/docs` and `/openapi.json`.
///
/// Operations parse, call a service and render; rules and queries belong to the layers below. The executable makes an `Application` of ``routes``
/// and ``server``.
package struct APIRoutes: Sendable {
    /// The services that the operations call.
    package struct Services: Sendable {
        /// The database.
        package var store: Store
        /// Authenticates the callers.
        package var authenticator: Authenticator
        /// The keys of customers.
        package var keys: KeyService
        /// Domains and their outbound control.
        package var domains: DomainService
        /// Single sender addresses.
        package var senders: SenderService
        /// Verification of domains with SES.
        package var verification: VerificationService
        /// Checks of the DNS records of domains.
        package var dnsChecks: DNSCheckService
        /// The reputation of accounts.
        package var reputations: ReputationService
        /// Accepts emails.
        package var submission: Submission
        /// The emails that were accepted.
        package var sentEmails: SentEmails
        /// The templates of accounts.
        package var templates: TemplateService
        /// Double opt-in.
        package var subscriptions: SubscriptionService
        /// The suppression lists.
        package var suppressions: SuppressionService
        /// Callback endpoints and deliveries.
        package var callbacks: CallbackService
        /// Totals and series of emails.
        package var reports: ReportService
        /// The unsubscribe links.
        package var unsubscribes: UnsubscribeService
        /// Takes the notifications of SES.
        package var receiver: SNSReceiver
        /// The metrics for Prometheus.
        package var metrics: MetricsReport

        /// All services.
        package init(
            store: Store, authenticator: Authenticator, keys: KeyService, domains: DomainService, senders: SenderService,
            verification: VerificationService, dnsChecks: DNSCheckService, reputations: ReputationService, submission: Submission,
            sentEmails: SentEmails, templates: TemplateService, subscriptions: SubscriptionService, suppressions: SuppressionService,
            callbacks: CallbackService, reports: ReportService, unsubscribes: UnsubscribeService, receiver: SNSReceiver,
            metrics: MetricsReport
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
            self.sentEmails = sentEmails
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
    ///   - address: the address in the curl lines of `/docs`.
    ///   - largestEmail: the size limits of `POST /emails`.
    package init(
        _ services: Services, address: PublicAddress, largestEmail: EmailSize = EmailSize(bytes: 10 << 20, attachmentBytes: 10 << 20)
    ) {
        self.services = services
        self.address = address
        self.largestEmail = largestEmail
    }

    /// The routes of the API, for the server.
    package var routes: RouteGroup {
        RouteGroup(
            prefix: "/",
            routes: operations.map { Route($0.method, $0.path, OperationResponder($0, authenticator: services.authenticator)) }
                + ReferenceAssets.routes,
            answer: { [store = services.store] error, request, context in
                ErrorFormat(path: request.uri.path)
                    .response(error, meta: Envelope.Meta(time: store.now, transactionID: context.record.id))
            })
    }

    /// HTTP/1.1 with limits: connections that are idle for a minute are closed, and the size of header fields is bounded.
    package static var server: HTTPServerBuilder {
        .http1(
            configuration: .init(
                idleTimeout: .seconds(60),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100)))
    }
}

extension APIRoutes {
    /// All operations, in the order of `/openapi.json`.
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
            submission: services.submission, sentEmails: services.sentEmails, largest: largestEmail,
            clock: { [store = services.store] in store.now })
    }

    private var schemas: [(name: String, schema: Schema)] {
        OutboundController.schemas + DomainController.schemas + KeyController.schemas + AccountController.schemas
            + ReputationController.schemas + EmailController.schemas + EmailController.batchSchemas + TemplateController.schemas
            + SenderController.schemas + SubscriptionController.schemas + SuppressionController.schemas + CallbackController.schemas
            + ReportController.schemas
    }
}
