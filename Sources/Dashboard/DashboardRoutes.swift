package import Logging
package import MailModel
package import Platform
import Sending
package import Web

/// The interface for people: pages rendered on the server, for the operator and for customers.
///
/// # To add pages
///
/// 1. A folder of its subject with a struct that conforms to ``Section``: its ``Section/pages`` have path, action and handler. The handler
///    calls a service, makes a model (a struct of texts and flags; templates compute nothing) and returns
///    ``DashboardRequest/page(_:_:_:status:)``, or for a form ``DashboardRequest/redirect(_:saying:tone:)``.
/// 2. A template for each page, `Resources/pages/<name>.mustache`, and its line in an `extension Template`: only what is inside the layout,
///    with the members of the model by their names. Shared parts are in `Resources/parts`, and their models in `Parts`.
/// 3. A line in ``sections``, and one in ``Navigation/groups`` where the page has an entry in the navigation.
///
/// Rules and queries belong to the layers below: a page that needs a query gets it from a service, or from a subject of Storage.
package struct DashboardRoutes: Sendable {
    private let services: Services
    private let guillotine: Guillotine
    private let provider: ProviderQuota
    private let isSecure: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - guillotine: the bounce rate at which domains are suspended.
    ///   - provider: the sending quota at SES.
    ///   - isSecure: whether the public URL is https: cookies are then sent by https only.
    ///   - logger: takes a line for each domain that is suspended or resumed.
    package init(_ services: Services, guillotine: Guillotine, provider: ProviderQuota, isSecure: Bool, logger: Logger) {
        self.services = services
        self.guillotine = guillotine
        self.provider = provider
        self.isSecure = isSecure
        self.logger = logger
    }

    /// The routes of the dashboard, for the server.
    package var routes: RouteGroup {
        let cookies = Cookies(isSecure: isSecure)
        let logIn = LogInPages(sessions: services.sessions, cookies: cookies)
        let responders = pages.map { page in
            Route(page.method, page.path, PageResponder(page, services: services, cookies: cookies))
        }
        return RouteGroup(prefix: "/dashboard", routes: responders + logIn.routes + Asset.routes) { error, _, _ in
            ErrorPage.response(error)
        }
    }

    /// All pages, in any order.
    var pages: [Page] { sections.flatMap(\.pages) }

    /// All sections, in any order.
    private var sections: [any Section] {
        [
            OverviewPages(
                overviews: services.overviews, reports: services.reports, reputations: services.reputations, provider: provider,
                streams: LiveStreams(sessions: services.sessions)),
            DomainPages(
                domains: services.domains, verification: services.verification, reports: services.reports, guillotine: guillotine,
                pauses: services.pauses, logger: logger),
            DNSPages(
                domains: services.domains, verification: services.verification, dnsCheck: services.dnsChecks,
                isSimulated: provider.isSimulated),
            TestEmailPages(domains: services.domains, submission: services.submission),
            EmailPages(sentEmails: services.sentEmails, submission: services.submission),
            SearchPages(search: services.search, recipients: services.erasures, refusals: services.submission.refusals),
            RefusalPages(refusals: services.submission.refusals),
            CampaignPages(reports: services.reports),
            SuppressionPages(store: services.store, suppressions: services.suppressions),
            SenderPages(store: services.store, senders: services.senders),
            CallbackPages(callbacks: services.callbacks),
            AccountPages(
                store: services.store, accounts: services.accounts, domains: services.domains, reputations: services.reputations,
                reports: services.reports),
            KeyPages(keys: services.keys),
            BillingPages(domains: services.domains),
            AuditPages(audit: services.audit),
            ExportPages(
                sentEmails: services.sentEmails, refusals: services.submission.refusals, callbacks: services.callbacks,
                domains: services.domains, campaigns: services.reports, senders: services.senders, keys: services.keys,
                accounts: services.accounts),
        ]
    }
}

/// The pages of one subject.
///
/// ``DashboardRoutes`` explains how to add one.
protocol Section: Sendable {
    /// The pages, in any order.
    var pages: [Page] { get }
}
