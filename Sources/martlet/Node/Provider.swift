import AmazonSES
import Logging
import MailModel
import Operations
import Sending
import Storage

/// Who verifies domains: SES, or the stand-in that answers for it with the capture transport.
struct Provider {
    let identities: any SESIdentities
    /// `nil` with the capture transport.
    let ses: SESClient?
    /// Carries calls to AWS, and those that check SNS messages.
    let http: AWSHTTPClient

    /// - Parameter environment: of the process, where AWS's own variables are.
    /// - Throws: ``SettingsError`` when AWS's variables are not as they should be.
    init(_ settings: Settings, environment: [String: String], store: Store, logger: Logger) throws {
        let http = AWSHTTPClient(connectionsPerHost: settings.delivery.concurrency)
        self.http = http
        switch settings.transport {
        case .capture:
            ses = nil
            identities = LocalIdentities { name async throws(SESError) in
                do {
                    return try await store.read { try $0.domain(named: name)?.verification.requestedAt } != nil
                } catch {
                    throw SESError(code: "Unavailable", message: "the database did not answer: \(error)", outcome: .retry)
                }
            }
        case .ses:
            let client = SESClient(
                configuration: try Self.configuration(environment),
                credentials: CredentialChain(environment: environment, http: http, logger: logger), http: http, logger: logger)
            ses = client
            identities = client
        }
    }

    /// Who takes emails.
    ///
    /// - Parameter capture: where the capture transport's events go.
    func transport(_ settings: Settings, capture: CaptureFeedback) -> any Transport {
        if let ses { return SESTransport(client: ses, configurationSet: settings.sesConfigurationSet) }
        return CaptureTransport(clock: SystemClock.now, report: capture.report)
    }

    /// Runs `body`, and closes the connections afterwards.
    func use<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            try await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private static func configuration(_ environment: [String: String]) throws(SettingsError) -> AWSConfiguration {
        do {
            return try AWSConfiguration(environment: environment)
        } catch {
            throw SettingsError(problems: [error.description])
        }
    }
}
