package import Access
package import Audit
package import Callbacks
package import Feedback
package import Notices
package import Outbound
package import Recipients
package import Reports
package import Sending
package import Storage

/// The services that the HTTP interfaces call, put together once for both of them.
package struct Services: Sendable {
    /// The database.
    package var store: Store
    /// Authentication of callers by their tokens.
    package var authenticator: Authenticator
    /// The sessions of the dashboard.
    package var sessions: SessionService
    /// The people who sign in.
    package var users: UserService
    /// Their sign-ins.
    package var signIns: SignInService
    /// Their own passwords and second factors.
    package var profiles: ProfileService
    /// The sign-ins of programs as people.
    package var deviceSignIns: DeviceSignInService
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
    /// Acceptance and cancellation of emails.
    package var submission: Submission
    /// The emails that were accepted.
    package var sentEmails: SentEmails
    /// What a text names, whatever it is.
    package var search: SearchService
    /// Templates of emails.
    package var templates: TemplateService
    /// Double opt-in subscriptions.
    package var subscriptions: SubscriptionService
    /// Links to unsubscribe.
    package var unsubscribes: UnsubscribeService
    /// The suppression lists.
    package var suppressions: SuppressionService
    /// Callback endpoints and deliveries.
    package var callbacks: CallbackService
    /// Totals and series of emails.
    package var reports: ReportService
    /// What people look at first.
    package var overviews: OverviewService
    /// The audit log.
    package var audit: AuditService
    /// What is known of recipients, and its erasure.
    package var erasures: ErasureService
    /// Limits and usage of accounts.
    package var accounts: AccountService
    /// The contacts of accounts.
    package var notices: NoticeService
    /// What the provider has paused.
    package var pauses: ProviderPauses

    /// All services.
    package init(
        store: Store, authenticator: Authenticator, sessions: SessionService, keys: KeyService, domains: DomainService,
        senders: SenderService, verification: VerificationService, dnsChecks: DNSCheckService, reputations: ReputationService,
        submission: Submission, sentEmails: SentEmails, templates: TemplateService, subscriptions: SubscriptionService,
        unsubscribes: UnsubscribeService, suppressions: SuppressionService, callbacks: CallbackService, reports: ReportService
    ) {
        self.store = store
        pauses = ProviderPauses(store: store)
        self.authenticator = authenticator
        self.sessions = sessions
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
        self.unsubscribes = unsubscribes
        self.suppressions = suppressions
        self.callbacks = callbacks
        self.reports = reports
        search = SearchService(store: store)
        overviews = OverviewService(store: store)
        audit = AuditService(store: store)
        erasures = ErasureService(store: store)
        accounts = AccountService(store: store)
        notices = NoticeService(store: store)
        let passwords = PasswordWorker()
        users = UserService(store: store, passwords: passwords, settings: PeopleSettings(baseURL: ""))
        signIns = SignInService(store: store, passwords: passwords, secrets: authenticator.secrets)
        profiles = ProfileService(signIns: signIns)
        deviceSignIns = DeviceSignInService(store: store)
    }
}
