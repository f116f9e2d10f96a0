package import Feedback
import Hummingbird
package import HummingbirdCore
package import Metering
package import Platform
import Sending
import Storage
package import Web

/// The interface for applications: all operations of the API, `/docs` and `/openapi.json`.
///
/// Operations parse, call a service and render; rules and queries belong to the layers below. The executable makes an `Application` of
/// ``routes`` and ``server``.
package struct APIRoutes: Sendable {
    private let services: Services
    private let receiver: SNSReceiver
    private let metrics: MetricsReport
    private let address: PublicAddress
    private let largestEmail: EmailSize

    /// - Parameters:
    ///   - receiver: takes the notifications of SES.
    ///   - metrics: the metrics for Prometheus.
    ///   - address: the address in the curl lines of `/docs`.
    ///   - largestEmail: the size limits of `POST /emails`.
    package init(
        _ services: Services, receiver: SNSReceiver, metrics: MetricsReport, address: PublicAddress,
        largestEmail: EmailSize = EmailSize(bytes: 10 << 20, attachmentBytes: 10 << 20)
    ) {
        self.services = services
        self.receiver = receiver
        self.metrics = metrics
        self.address = address
        self.largestEmail = largestEmail
    }

    /// The routes of the API, for the server.
    package var routes: RouteGroup {
        RouteGroup(
            prefix: "/",
            routes: operations.map { operation in
                let responder = OperationResponder(operation, authenticator: services.authenticator)
                return Route(operation.method, operation.path, errors: operation.errors, direct: responder.direct, responder)
            }
                + ReferenceAssets.routes,
            answer: { [store = services.store] error, format, context in
                format.response(error, meta: Envelope.Meta(time: store.now, transactionID: context.record.id))
            })
    }

    /// HTTP/1.1 with limits: connections that are idle for a minute are closed, and the size of header fields is bounded.
    ///
    /// - Parameters:
    ///   - limit: the bound of open connections.
    ///   - direct: the routes that answer some requests without a task; `nil` for none.
    package static func server(_ limit: ConnectionLimit, direct: DirectRoutes? = nil) -> HTTPServerBuilder {
        .http1(configuration: http1, limit: limit, direct: direct)
    }

    private static var http1: HTTP1Channel.Configuration {
        .init(
            idleTimeout: .seconds(60),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))
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
            + AccountLimitsController(accounts: services.accounts).operations
            + ContactController(notices: services.notices).operations
            + UsageController(accounts: services.accounts, clock: { [store = services.store] in store.now }).operations
            + ReputationController(reputations: services.reputations).operations
            + emails.operations
            + RefusalController(store: services.store, refusals: services.submission.refusals).operations
            + SearchController(store: services.store, search: services.search).operations
            + TemplateController(store: services.store, templates: services.templates).operations
            + SenderController(senders: services.senders, clock: { [store = services.store] in store.now }).operations
            + SubscriptionController(subscriptions: services.subscriptions, clock: { [store = services.store] in store.now }).operations
            + SuppressionController(store: services.store, suppressions: services.suppressions).operations
            + RecipientController(store: services.store, erasures: services.erasures).operations
            + CallbackController(store: services.store, callbacks: services.callbacks).operations
            + ReportController(store: services.store, reports: services.reports).operations
            + AuditController(store: services.store, audit: services.audit).operations
            + UnmatchedEventController(store: services.store).operations
            + UnsubscribeController(unsubscribes: services.unsubscribes).operations
            + WebhookController(receiver: receiver).operations
            + HealthController(store: services.store).operations
            + MetricsController(report: metrics).operations
        return DocumentationController.completing(described, address: address)
    }

    private var emails: EmailController {
        EmailController(
            submission: services.submission, sentEmails: services.sentEmails, largest: largestEmail,
            clock: { [store = services.store] in store.now })
    }
}
