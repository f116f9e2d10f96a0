import AmazonSES
import Concurrency
import DNS
import Feedback
import Logging
import MailModel
import Outbound
import Runtime
import SMTP
import Sending
import Storage

/// The clients for services outside: SES, or with other transports its local stand-in, and the DNS.
struct Provider {
    /// Verifies domains and senders.
    let identities: any SESIdentities
    /// `nil` with the other transports.
    let ses: SESClient?
    /// The HTTP client for AWS, and for the certificates and confirmations of SNS.
    let http: AWSHTTPClient
    let resolver: Resolver
    /// The URL that replaces those of AWS, where one is configured.
    let endpointURL: String?
    /// The queues that this node takes events from.
    let queues: [SQSClient]
    /// The HTTP client of the queues, whose long polls must not take the connections of others; `nil` without queues.
    private let queueHTTP: AWSHTTPClient?

    /// Creates the clients.
    ///
    /// - Parameter environment: the environment of the process, with AWS's variables.
    /// - Throws: ``SettingsError`` when AWS's variables are missing or malformed.
    init(_ settings: Settings, environment: [String: String], store: Store, logger: Logger) throws {
        // What can fail comes first: a client has to be shut down once it is created.
        let aws = settings.transport == .ses ? try AWSConfiguration(checking: environment) : nil
        let queues = settings.roles.contains(.feedback) ? try SQSConfiguration.list(settings, environment: environment) : []
        let http = AWSHTTPClient(connectionsPerHost: settings.delivery.concurrency)
        self.http = http
        let queueHTTP = queues.isEmpty ? nil : AWSHTTPClient(connectionsPerHost: 3 * QueuePoller.mostPolls * queues.count)
        self.queueHTTP = queueHTTP
        let chain = CredentialChain(environment: environment, http: http, logger: logger, clock: { store.now })
        self.queues =
            queueHTTP.map { http in
                queues.map { SQSClient($0, credentials: chain, http: http, clock: { store.now }) }
            } ?? []
        resolver = Resolver(nameserver: settings.nameserver, clock: SystemClock.uptime)
        endpointURL = environment["AWS_ENDPOINT_URL"]
        ses = aws.map { aws in
            SESClient(
                aws, environment: environment, http: http, controlRate: settings.sesControlRate, logger: logger, clock: { store.now })
        }
        identities =
            ses
            ?? LocalIdentities { name async throws(SESError) in
                try await Self.wasRequested({ try $0.domains.listClaims(on: name).compactMap(\.verification.requestedAt).first }, in: store)
            } senderWasRequested: { address async throws(SESError) in
                try await Self.wasRequested({ try $0.senders.find(address)?.requestedAt }, in: store)
            }
    }

    /// Returns what looks for the records that prove claims on domains: the DNS, which the capture transport plays too.
    func proof(_ settings: Settings) -> OwnershipProof {
        settings.transport == .capture ? .simulated : OwnershipProof(resolver: resolver)
    }

    /// Returns what asks SES for the redirect domain of the configuration set of a tier; there are none without SES.
    func redirect(_ settings: Settings) -> DNSCheckService.AskRedirect {
        { [ses, sets = settings.configurationSets] tier in
            guard let ses, let set = sets[tier] else { return nil }
            let redirect = try await ses.redirectDomain(of: set)
            return redirect
        }
    }

    /// Returns the transport that the settings name.
    ///
    /// - Parameters:
    ///   - capture: receives the events of the capture transport.
    ///   - store: has the time of those events, and the tiers of domains.
    func transport(_ settings: Settings, capture: CaptureFeedback, store: Store, logger: Logger) throws -> any Transport {
        if let ses {
            let tenants = TenantDirectory(store: store, client: ses, settings: settings.tenants, logger: logger)
            return SESTransport(client: ses, routes: SendingRoutes(store: store, sets: settings.configurationSets, tenants: tenants))
        }
        if settings.transport == .smtp, let server = settings.smtp {
            return SMTPTransport(client: try SMTPClient(server, clientName: Self.hostName(settings)))
        }
        return CaptureTransport(clock: { store.now }, report: capture.report)
    }

    /// Returns the name of this machine in `EHLO`: the public host name, or else an address literal (RFC 5321 section 4.1.3).
    static func hostName(_ settings: Settings) -> String {
        settings.publicURL.flatMap(WebURL.init)?.host ?? "[127.0.0.1]"
    }

    /// Runs `body`, and closes the connections afterwards.
    func use<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            try await close()
            return value
        } catch {
            try? await close()
            throw error
        }
    }

    private func close() async throws {
        resolver.close()
        try await queueHTTP?.shutdown()
        try await http.shutdown()
    }

    private static func wasRequested(
        _ time: @escaping @Sendable (ReadTransaction) throws -> Timestamp?, in store: Store
    ) async throws(SESError) -> Bool {
        do {
            return try await store.read(time) != nil
        } catch {
            throw SESError(code: "Unavailable", message: "the database did not answer: \(error)", outcome: .retry)
        }
    }
}

extension AWSConfiguration {
    /// Reads AWS's variables.
    ///
    /// - Throws: ``SettingsError``, as for other settings.
    init(checking environment: [String: String]) throws(SettingsError) {
        do {
            try self.init(environment: environment)
        } catch {
            throw SettingsError(problems: [error.description])
        }
    }
}

extension SQSConfiguration {
    /// Reads the queues that events come by.
    ///
    /// - Throws: ``SettingsError``, as for other settings.
    static func list(_ settings: Settings, environment: [String: String]) throws(SettingsError) -> [SQSConfiguration] {
        do {
            return try settings.sqs.queueURLs.map { try SQSConfiguration($0, environment: environment) }
        } catch {
            throw SettingsError(problems: ["\(error)"])
        }
    }
}

extension SESClient {
    /// Creates a client with the credentials of AWS's default provider chain.
    convenience init(
        _ configuration: AWSConfiguration, environment: [String: String], http: AWSHTTPClient, controlRate: Int = 1,
        logger: Logger, clock: (@Sendable () -> Timestamp)? = nil
    ) {
        self.init(
            configuration: configuration,
            credentials: CredentialChain(environment: environment, http: http, logger: logger, clock: clock), http: http,
            control: PacedQueue(interval: .seconds(1) / controlRate, burst: 3, capacity: 40), logger: logger, clock: clock)
    }
}
