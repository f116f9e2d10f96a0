import AmazonSES
import DNS
import Logging
import MailModel
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

    /// Creates the clients.
    ///
    /// - Parameter environment: the environment of the process, with AWS's variables.
    /// - Throws: ``SettingsError`` when AWS's variables are missing or malformed.
    init(_ settings: Settings, environment: [String: String], store: Store, logger: Logger) throws {
        // What can fail comes first: a client has to be shut down once it is created.
        let aws = settings.transport == .ses ? try AWSConfiguration(checking: environment) : nil
        let http = AWSHTTPClient(connectionsPerHost: settings.delivery.concurrency)
        self.http = http
        resolver = Resolver(nameserver: settings.nameserver, clock: SystemClock.uptime)
        endpointURL = environment["AWS_ENDPOINT_URL"]
        ses = aws.map { SESClient($0, environment: environment, http: http, logger: logger, clock: { store.now }) }
        identities =
            ses
            ?? LocalIdentities { name async throws(SESError) in
                try await Self.wasRequested({ try $0.domains.find(named: name)?.verification.requestedAt }, in: store)
            } senderWasRequested: { address async throws(SESError) in
                try await Self.wasRequested({ try $0.senders.find(address)?.requestedAt }, in: store)
            }
    }

    /// Returns the transport that the settings name.
    ///
    /// - Parameters:
    ///   - capture: receives the events of the capture transport.
    ///   - store: has the time of those events.
    func transport(_ settings: Settings, capture: CaptureFeedback, store: Store) throws -> any Transport {
        if let ses { return SESTransport(client: ses, configurationSet: settings.sesConfigurationSet) }
        if settings.transport == .smtp, let server = settings.smtp {
            return SMTPTransport(client: try SMTPClient(server, clientName: Self.hostName(settings)))
        }
        return CaptureTransport(clock: { store.now }, report: capture.report)
    }

    /// Returns the name of this machine in `EHLO`: the public host name, or else an address literal (RFC 5321 section 4.1.3).
    private static func hostName(_ settings: Settings) -> String {
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
        try await resolver.close()
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

extension SESClient {
    /// Creates a client with the credentials of AWS's default provider chain.
    convenience init(
        _ configuration: AWSConfiguration, environment: [String: String], http: AWSHTTPClient, logger: Logger,
        clock: (@Sendable () -> Timestamp)? = nil
    ) {
        self.init(
            configuration: configuration,
            credentials: CredentialChain(environment: environment, http: http, logger: logger, clock: clock), http: http, logger: logger,
            clock: clock)
    }
}
