import Access
import AmazonSES
import Callbacks
import Concurrency
import Dashboard
import Feedback
import Foundation
import HTTPAPI
import Hummingbird
import Logging
import MailModel
import Metering
import Notices
import Outbound
import Periodic
import Platform
import PolicyServer
import Recipients
import Reports
import Runtime
import SESAPI
import SMTPServer
import Sending
import ServiceLifecycle
import Storage
import Telemetry
import UnixSignals
import Web

/// A server: all long-lived services of the program, created and connected by the settings.
struct Node {
    private let settings: Settings
    private let logger: Logger
    private let store: Store
    private let provider: Provider
    private let feedback: FeedbackService
    private let links: UnsubscribeLinks
    private let subscriptionLinks: SubscriptionLinks
    private let linkMask: LinkMask
    private let messages: MessageSource
    private let refusals: RefusalLog
    private let capture: CaptureFeedback
    private let delivery: DeliveryWorker
    private let callbacks: CallbackDispatcher
    private let authenticator: Authenticator
    private let senders: SenderService
    private let verification: VerificationService
    private let identityCleanup: IdentityCleanup
    private let dnsChecks: DNSCheckService
    private let receiver: SNSReceiver
    private let pollers: [QueuePoller]
    private let sampler: StoreSampler
    private let metrics: MetricsReport
    private let memory: MemoryBudget
    private let certificate: SubmissionCertificate?
    private let connections: Int
    private let tracer: SpanTracer?

    /// Creates the services, which do not run yet.
    ///
    /// - Parameters:
    ///   - connections: the most HTTP connections.
    ///   - metrics: the values for Prometheus.
    init(
        _ settings: Settings, store: Store, provider: Provider, masterToken: String, connections: Int, metrics: MetricsRegistry,
        logger: Logger
    ) async throws {
        self.settings = settings
        self.logger = logger
        self.store = store
        self.provider = provider
        self.connections = connections
        memory = MemoryBudget(settings)
        tracer = settings.tracing.endpoint.map { _ in SpanTracer(ratio: settings.tracing.ratio) }
        certificate = try SubmissionCertificate(settings, logger: logger)
        let base = settings.publicURL ?? settings.localURL
        links = try await UnsubscribeLinks.load(from: store, base: base)
        subscriptionLinks = try await SubscriptionLinks.load(from: store, base: base)
        linkMask = LinkMask(unsubscribe: links, subscription: subscriptionLinks)
        feedback = FeedbackService(
            store: store, guillotine: settings.guillotine, reputation: settings.reputation, rules: FeedbackRules(settings),
            hideLinks: linkMask.masked, logger: logger, tracer: tracer)
        capture = CaptureFeedback(feedback, logger: logger)
        messages = MessageSource(
            store: store, composer: MessageComposer(links: links, hasPublicURL: settings.publicURL != nil),
            memory: settings.delivery.memory)
        refusals = RefusalLog(store: store)
        let name = Self.makeName()
        delivery = DeliveryWorker(
            store: store, transport: try provider.transport(settings, capture: capture, store: store, logger: logger), messages: messages,
            settings: DeliverySettings(settings.delivery, owner: name), logger: logger, tracer: tracer)
        callbacks = CallbackDispatcher(
            store: store, client: CallbackClient(policy: AddressPolicy(settings.callbacks), nameserver: settings.nameserver),
            rules: CallbackClaimRules(owner: name), logger: logger, tracer: tracer)
        authenticator = Authenticator(
            store: store, masterToken: masterToken, metricsToken: settings.metricsToken,
            secrets: try SecretsKey.find(settings).flatMap(SecretBox.init))
        senders = SenderService(store: store, identities: provider.identities, approval: settings.senderApproval, logger: logger)
        identityCleanup = IdentityCleanup(store: store, identities: provider.identities, logger: logger)
        verification = VerificationService(
            store: store, identities: provider.identities, proof: provider.proof(settings), rules: settings.domains.ownership)
        dnsChecks = DNSCheckService(
            store: store, identities: provider.identities, resolver: provider.resolver,
            redirect: provider.redirect(settings))
        receiver = SNSReceiver(settings, store: store, feedback: feedback, provider: provider, logger: logger)
        pollers = provider.queues.map { [feedback] in
            QueuePoller($0, store: store, feedback: feedback, maximumReceives: settings.sqs.maximumReceives, logger: logger)
        }
        sampler = StoreSampler(store: store, logger: logger)
        self.metrics = MetricsReport(
            metrics,
            samplers: [sampler.samples, ProcessSampler.samples, { [MetricSample("martlet_build_info", 1, [Martlet.version])] }]
                + pollers.map { $0.status.samples })
    }

    /// Returns a name for the leases of this process.
    ///
    /// It is new at each start, so that a node never takes leases of an earlier process for its own.
    private static func makeName() -> String {
        let process = ProcessInfo.processInfo
        return "\(process.hostName)-\(process.processIdentifier)-\(UInt32.random(in: .min ... .max))"
    }

    /// Runs until SIGTERM or SIGINT: no more requests are accepted and those under way are answered, then emails under way are recorded
    /// (specification 14.3).
    ///
    /// - Parameter onListening: called once requests are accepted.
    func run(onListening: @escaping @Sendable () async -> Void) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services(onListening: onListening), gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Ten seconds in all. Services that have not ended by then are cancelled; unfinished work is durable, and continued at the next start.
        configuration.maximumGracefulShutdownDuration = .seconds(7)
        configuration.maximumCancellationDuration = .seconds(2)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Returns the services in the order of their dependence: the group stops them from the last to the first.
    private func services(onListening: @escaping @Sendable () async -> Void) -> [any Service] {
        var services: [any Service] = [ClockWatch(store: store, logger: logger), ClockReader(store: store, logger: logger)]
        services.append(HoldWatch(store: store, logger: logger))
        services += spanExporter
        if settings.roles.contains(.scheduler) { services += scheduledJobs.map { ClockPause($0, store: store) } }
        if !settings.roles.isDisjoint(with: [.callbacks, .delivery, .scheduler]) { services.append(WakeupListener(store: store)) }
        if settings.roles.contains(.callbacks) { services.append(callbacks) }
        if settings.roles.contains(.delivery) {
            services += [capture, delivery]
        }
        services += pollers.map { BoundedDrain($0, atMost: .seconds(4)) }
        if settings.roles.contains(.policy), let address = settings.policy.listen {
            services.append(BoundedDrain(PolicyDaemon(address, service: policyService, logger: logger), atMost: .seconds(4)))
        }
        services += submissionServices
        if settings.roles.contains(.http) {
            services.append(sampler)
            services.append(KeyUseRecorder(authenticator, logger: logger))
            services.append(RefusalRecorder(refusals, logger: logger))
            services.append(BoundedDrain(application(onListening: onListening), atMost: .seconds(4)))
        }
        return services
    }

    /// What exports spans, where requests are traced.
    private var spanExporter: [any Service] {
        guard let tracer, let endpoint = settings.tracing.endpoint else { return [] }
        let resource = [
            ("service.name", "martlet"), ("service.version", Martlet.version), ("service.instance.id", ProcessInfo.processInfo.hostName),
        ]
        return [BoundedDrain(SpanExporter(tracer, endpoint: endpoint, resource: resource, logger: logger), atMost: .seconds(2))]
    }

    /// The jobs that one node does for all.
    private var scheduledJobs: [any PeriodicService] {
        var jobs: [any PeriodicService] = [FutureTimesJob(store: store, logger: logger)]
        if settings.resets == .builtin { jobs.append(ResetScheduler(store: store, logger: logger)) }
        if settings.syncsSuppressions, let ses = provider.ses {
            jobs.append(SuppressionSync(store: store, ses: ses, logger: logger))
        }
        jobs.append(WarningExpiryJob(store: store, reputation: settings.reputation, logger: logger))
        jobs.append(NoticeMailer(store: store, settings: settings.notices, logger: logger))
        jobs.append(WaitingEventsJob(store: store, rules: feedback.rules, logger: logger))
        jobs.append(
            VerificationPoller(store: store, service: verification, senders: senders, cleanup: identityCleanup, logger: logger))
        if let ses = provider.ses, settings.tenants.mode != .off {
            jobs.append(TenantPoller(store: store, client: ses, logger: logger))
        }
        jobs.append(ClaimExpiryJob(store: store, rules: settings.domains.ownership, logger: logger))
        jobs.append(SearchSegmentsJob(store: store, logger: logger))
        jobs.append(ErasureJob(store: store, logger: logger))
        jobs.append(RetentionJob(store: store, periods: settings.retention, logger: logger))
        return jobs
    }

    private var policyService: PolicyService {
        PolicyService(store: store, gate: settings.gate, rules: settings.policy.rules, logger: logger)
    }

    /// The server of submission, and what reads its certificate again.
    private var submissionServices: [any Service] {
        guard settings.roles.contains(.submission), let address = settings.submission.listen else { return [] }
        let service = SubmissionService(
            store: store, authenticator: authenticator, submission: submission, memory: memory,
            repetitionWindow: settings.submission.repetitionWindow, logger: logger)
        var configuration = SubmissionDaemon.Configuration(
            hostName: Provider.hostName(settings), maximumBytes: SubmissionLimits(settings).rawBytes - (2 << 10))
        configuration.addsReceived = settings.submission.addsReceived
        let daemon = SubmissionDaemon(
            address, service: service, certificate: certificate, configuration: configuration, logger: logger)
        let recorder = settings.roles.contains(.http) ? [] : [KeyUseRecorder(authenticator, logger: logger)]
        return recorder + (certificate.map { [CertificateReload(certificate: $0)] } ?? []) + [BoundedDrain(daemon, atMost: .seconds(4))]
    }

    private var suppressions: SuppressionService {
        SuppressionService(store: store, syncsSES: settings.syncsSuppressions && provider.ses != nil)
    }

    private var submission: Submission {
        Submission(
            store: store, gate: settings.gate, recipientChecks: RecipientChecks(settings.recipients, resolver: provider.resolver),
            limits: SubmissionLimits(settings), memory: memory, refusals: refusals, tracer: tracer)
    }

    private var services: Services {
        var services = Services(
            store: store, authenticator: authenticator, sessions: SessionService(store: store, authenticator: authenticator),
            keys: KeyService(store: store, authenticator: authenticator),
            domains: DomainService(store: store, settings: settings, identities: identityCleanup),
            senders: senders, verification: verification, dnsChecks: dnsChecks,
            reputations: ReputationService(store: store, reputation: settings.reputation), submission: submission,
            sentEmails: SentEmails(
                store: store, messages: messages, mask: linkMask, masterSeesLinks: settings.transport == .capture),
            templates: TemplateService(store: store),
            subscriptions: SubscriptionService(store: store, submission: submission, links: subscriptionLinks),
            unsubscribes: UnsubscribeService(store: store, links: links), suppressions: suppressions,
            callbacks: CallbackService(store: store, policy: AddressPolicy(settings.callbacks)), reports: ReportService(store: store))
        services.users = services.users.with(
            PeopleSettings(sender: settings.notices.sender, baseURL: settings.publicURL ?? settings.localURL))
        services.pauses = ProviderPauses(store: store, sets: settings.configurationSets, tenants: settings.tenants.mode)
        return services
    }

    private var sendQuota: (@Sendable () async throws -> SendQuota)? {
        guard let ses = provider.ses else { return nil }
        return {
            let account = try await ses.account()
            return account.quota
        }
    }

    private func application(onListening: @escaping @Sendable () async -> Void) -> some ApplicationProtocol {
        let services = services
        let api = APIRoutes(
            services, receiver: receiver, metrics: metrics,
            address: PublicAddress(configured: settings.publicURL, local: settings.localURL),
            largestEmail: EmailSize(settings))
        let dashboard = DashboardRoutes(
            services, guillotine: settings.guillotine, provider: ProviderQuota(ask: sendQuota),
            isSecure: settings.publicURL?.hasPrefix("https:") ?? false, logger: logger)
        let ses = SESRoutes(services, largestBody: settings.largestSESRequest)
        let proxies = TrustedProxies(settings.http.trustedProxies)
        // Hummingbird would log each request a second time.
        var quiet = logger
        quiet.logLevel = max(.notice, logger.logLevel)
        let groups = [api.routes, dashboard.routes, ses.routes]
        let middleware = RequestMiddleware(routeGroups: groups, proxies: proxies, memory: memory, logger: logger, tracer: tracer)
        return Application(
            router: groups.router(middleware),
            server: APIRoutes.server(
                ConnectionLimit(connections, proxies: proxies),
                direct: DirectRoutes(groups, middleware: middleware, logger: quiet, clock: { [store] in store.now })),
            configuration: ApplicationConfiguration(address: .hostname(settings.http.host, port: settings.http.port), backlog: 1024),
            onServerRunning: { _ in await onListening() }, logger: quiet)
    }
}
