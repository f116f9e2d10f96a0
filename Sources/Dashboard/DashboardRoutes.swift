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

/// The door for people: pages made on the server, for the operator and for customers.
///
/// # To add pages
///
/// 1. A folder of its subject with a struct that conforms to ``Section``: its ``Section/pages`` say path, who may see it, and the function that
///    answers. The function asks a service, makes a model (a struct of texts and flags, nothing to be computed in the template) and returns
///    ``DashboardRequest/page(_:_:_:status:)``, or for a form ``DashboardRequest/redirect(_:saying:)``.
/// 2. A template for each page, `Resources/pages/<name>.mustache`, and its line in an `extension Template`: only what stands inside the layout;
///    the members of the model by their names. Parts that pages share lie in `Resources/parts`, each with the struct that fills it in `Parts`.
/// 3. A line in ``sections``, and one in ``Navigation/groups`` where the page is to be found from everywhere.
///
/// Rules and queries stay below: a page that needs a query gets it from a service, or from a method in Storage.
package struct DashboardRoutes: Sendable {
    /// What the pages ask.
    package struct Services: Sendable {
        package var store: Store
        package var sessions: SessionService
        package var keys: KeyService
        package var domains: DomainService
        package var verification: VerificationService
        package var dnsCheck: DNSCheckService
        package var reputations: ReputationService
        package var guillotine: Guillotine
        package var provider: ProviderQuota
        package var mailbox: SentEmails
        package var submission: Submission
        package var reports: ReportService
        package var suppressions: SuppressionService
        package var senders: SenderService
        package var callbacks: CallbackService

        package init(
            store: Store, sessions: SessionService, keys: KeyService, domains: DomainService, verification: VerificationService,
            dnsCheck: DNSCheckService, reputations: ReputationService, guillotine: Guillotine, provider: ProviderQuota, mailbox: SentEmails,
            submission: Submission, reports: ReportService, suppressions: SuppressionService, senders: SenderService,
            callbacks: CallbackService
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
            self.mailbox = mailbox
            self.submission = submission
            self.reports = reports
            self.suppressions = suppressions
            self.senders = senders
            self.callbacks = callbacks
        }
    }

    private let services: Services
    /// Browsers reach us by https: cookies are for that alone.
    private let isSecure: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - isSecure: whether the public URL is https.
    ///   - logger: takes a line for each domain that somebody stops or lets go on.
    package init(_ services: Services, isSecure: Bool, logger: Logger) {
        self.services = services
        self.isSecure = isSecure
        self.logger = logger
    }

    /// Every section, in any order: a page's path says where it is, ``Navigation`` how one gets there.
    private var sections: [any Section] {
        [
            OverviewPages(
                store: services.store, reports: services.reports, reputations: services.reputations, provider: services.provider,
                streams: LiveStreams(sessions: services.sessions)),
            DomainPages(domains: services.domains, reports: services.reports, guillotine: services.guillotine, logger: logger),
            DNSPages(domains: services.domains, verification: services.verification, dnsCheck: services.dnsCheck),
            TestEmailPages(domains: services.domains, submission: services.submission),
            EmailPages(mailbox: services.mailbox, submission: services.submission),
            CampaignPages(reports: services.reports),
            SuppressionPages(store: services.store, suppressions: services.suppressions),
            SenderPages(store: services.store, senders: services.senders),
            CallbackPages(callbacks: services.callbacks),
            AccountPages(store: services.store, reputations: services.reputations, reports: services.reports),
            KeyPages(keys: services.keys),
            BillingPages(domains: services.domains),
        ]
    }

    /// What the server gets of this room.
    package var door: RouteGroup {
        let cookies = Cookies(isSecure: isSecure)
        let logIn = LogInPages(sessions: services.sessions, cookies: cookies)
        let responders = sections.flatMap(\.pages).map { page in
            Route(page.method, page.path, PageResponder(page, services: services, cookies: cookies))
        }
        return RouteGroup(prefix: "/dashboard", routes: responders + logIn.routes + Asset.routes) { error, request, context in
            ErrorPage.response(error)
        }
    }
}

/// Pages about one subject. How to add one stands at ``Dashboard``.
protocol Section: Sendable {
    var pages: [Page] { get }
}
