package import Access
package import Callbacks
package import Feedback
package import Logging
package import MailModel
package import Outbound
package import Recipients
package import Reports
package import Sending
package import Storage
package import Web

/// The interface for people: pages rendered on the server, for the operator and for customers.
///
/// # To add pages
///
/// 1. A folder of its subject with a struct that conforms to ``Section``: its ``Section/pages`` have path, access and handler. The handler calls a
///    service, makes a model (a struct of texts and flags; templates compute nothing) and returns
///    ``DashboardRequest/page(_:_:_:status:)``, or for a form ``DashboardRequest/redirect(_:saying:tone:)``.
/// 2. A template for each page, `Resources/pages/<name>.mustache`, and its line in an `extension Template`: only what is inside the layout, with
///    the members of the model by their names. Shared parts are in `Resources/parts`, and their models in `Parts`.
/// 3. A line in ``sections``, and one in ``Navigation/groups`` where the page has an entry in the navigation.
///
/// Rules and queries belong to the layers below: a page that needs a query gets it from a service, or from a subject of Storage.
package struct DashboardRoutes: Sendable {
    /// The services that the pages call.
    package struct Services: Sendable {
        /// The database.
        package var store: Store
        /// The sessions of the dashboard.
        package var sessions: SessionService
        /// The keys of customers.
        package var keys: KeyService
        /// Domains and their outbound control.
        package var domains: DomainService
        /// Verification of domains with SES.
        package var verification: VerificationService
        /// Checks of the DNS records of domains.
        package var dnsCheck: DNSCheckService
        /// The reputation of accounts.
        package var reputations: ReputationService
        /// The bounce rate at which domains are suspended.
        package var guillotine: Guillotine
        /// The sending quota at SES.
        package var provider: ProviderQuota
        /// The emails that were accepted.
        package var sentEmails: SentEmails
        /// Accepts and cancels emails.
        package var submission: Submission
        /// Totals and series of emails.
        package var reports: ReportService
        /// The suppression lists.
        package var suppressions: SuppressionService
        /// Single sender addresses.
        package var senders: SenderService
        /// Callback endpoints and deliveries.
        package var callbacks: CallbackService

        /// All services.
        package init(
            store: Store, sessions: SessionService, keys: KeyService, domains: DomainService, verification: VerificationService,
            dnsCheck: DNSCheckService, reputations: ReputationService, guillotine: Guillotine, provider: ProviderQuota,
            sentEmails: SentEmails, submission: Submission, reports: ReportService, suppressions: SuppressionService,
            senders: SenderService, callbacks: CallbackService
        ) {
            self.store = store
            self.sessions = sessions
            self.keys = keys
            self.domains = domains
            self.verification = verification
            self.dnsCheck = dnsCheck
            self.reputations = reputations
            self.guillotine = guillotine
            self.provider = provider
            self.sentEmails = sentEmails
            self.submission = submission
            self.reports = reports
            self.suppressions = suppressions
            self.senders = senders
            self.callbacks = callbacks
        }
    }

    private let services: Services
    private let isSecure: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - isSecure: whether the public URL is https: cookies are then sent by https only.
    ///   - logger: takes a line for each domain that is suspended or resumed.
    package init(_ services: Services, isSecure: Bool, logger: Logger) {
        self.services = services
        self.isSecure = isSecure
        self.logger = logger
    }

    /// The routes of the dashboard, for the server.
    package var routes: RouteGroup {
        let cookies = Cookies(isSecure: isSecure)
        let logIn = LogInPages(sessions: services.sessions, cookies: cookies)
        let responders = sections.flatMap(\.pages).map { page in
            Route(page.method, page.path, PageResponder(page, services: services, cookies: cookies))
        }
        return RouteGroup(prefix: "/dashboard", routes: responders + logIn.routes + Asset.routes) { error, request, context in
            ErrorPage.response(error)
        }
    }

    /// All sections, in any order.
    private var sections: [any Section] {
        [
            OverviewPages(
                store: services.store, reports: services.reports, reputations: services.reputations, provider: services.provider,
                streams: LiveStreams(sessions: services.sessions)),
            DomainPages(domains: services.domains, reports: services.reports, guillotine: services.guillotine, logger: logger),
            DNSPages(domains: services.domains, verification: services.verification, dnsCheck: services.dnsCheck),
            TestEmailPages(domains: services.domains, submission: services.submission),
            EmailPages(sentEmails: services.sentEmails, submission: services.submission),
            CampaignPages(reports: services.reports),
            SuppressionPages(store: services.store, suppressions: services.suppressions),
            SenderPages(store: services.store, senders: services.senders),
            CallbackPages(callbacks: services.callbacks),
            AccountPages(store: services.store, reputations: services.reputations, reports: services.reports),
            KeyPages(keys: services.keys),
            BillingPages(domains: services.domains),
        ]
    }
}

/// The pages of one subject. ``DashboardRoutes`` explains how to add one.
protocol Section: Sendable {
    /// The pages, in any order.
    var pages: [Page] { get }
}
