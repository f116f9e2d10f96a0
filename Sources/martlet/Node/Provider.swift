import AmazonSES
import DNS
import Logging
import MailModel
import Runtime
import SMTP
import Sending
import Storage

/// What stands outside: the DNS, and who verifies domains: SES, or the stand-in that answers for it with the other transports.
struct Provider {
    let identities: any SESIdentities
    /// `nil` with the other transports.
    let ses: SESClient?
    /// Carries calls to AWS, and those that check SNS messages.
    let http: AWSHTTPClient
    let resolver: Resolver
    /// What stands in for AWS, where something does.
    let endpointURL: String?

    /// - Parameter environment: of the process, where AWS's own variables are.
    /// - Throws: ``SettingsError`` when AWS's variables are not as they should be.
    init(_ settings: Settings, environment: [String: String], store: Store, logger: Logger) throws {
        // First what can fail: a client has to be shut down once it is made.
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

    /// Who takes emails.
    ///
    /// - Parameters:
    ///   - capture: where the capture transport's events go.
    ///   - store: says the time of those events.
    func transport(_ settings: Settings, capture: CaptureFeedback, store: Store) throws -> any Transport {
        if let ses { return SESTransport(client: ses, configurationSet: settings.sesConfigurationSet) }
        if settings.transport == .smtp, let server = settings.smtp {
            return SMTPTransport(client: try SMTPClient(server, clientName: Self.hostName(settings)))
        }
        return CaptureTransport(clock: { store.now }, report: capture.report)
    }

    /// How this machine calls itself to a relay: the public name, or else an address, which needs none (RFC 5321 section 4.1.3).
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
    /// - Throws: ``SettingsError``: variables of AWS are settings as well.
    init(checking environment: [String: String]) throws(SettingsError) {
        do {
            try self.init(environment: environment)
        } catch {
            throw SettingsError(problems: [error.description])
        }
    }
}

extension SESClient {
    /// With the credentials that AWS's usual places hold.
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
