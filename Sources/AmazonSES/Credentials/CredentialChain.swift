import Concurrency
package import Logging
package import MailModel
import Synchronization

/// The usual sources of AWS credentials, asked in this order until one has them: the environment, the web identity, the shared files, the
/// container's role, the instance's role.
///
/// Credentials are cached. Temporary ones are fetched again five minutes before they expire, others every five minutes, so that a rotated
/// key needs no restart. Concurrent callers share one fetch. While it fails, credentials that are still valid are used further.
package final class CredentialChain: CredentialsProvider {
    private let sources: [any CredentialsSource]
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let cached = Mutex<CachedCredentials?>(nil)
    private let flight = SingleFlight<String, Result<AWSCredentials, CredentialsError>>()

    private struct CachedCredentials {
        var credentials: AWSCredentials
        var source: String
        /// When they are fetched again.
        var refreshAt: Timestamp
    }

    private static let refreshAhead = Duration.seconds(300)
    private static let rereadAfter = Duration.seconds(300)
    private static let retryAfter = Duration.seconds(30)

    /// Creates the chain of all sources.
    ///
    /// - Parameters:
    ///   - environment: the variables of the process, which name files and endpoints.
    ///   - clock: the present time, by which credentials expire; `nil`: this machine's.
    package convenience init(
        environment: [String: String], http: AWSHTTPClient, logger: Logger, clock: (@Sendable () -> Timestamp)? = nil
    ) {
        let clock = clock ?? { .systemNow() }
        let service = SecurityTokenService(environment: environment, http: http, clock: clock)
        let sources: [any CredentialsSource] = [
            EnvironmentCredentials(environment: environment), WebIdentityCredentials(environment: environment, service: service),
            SharedFileCredentials(environment: environment, http: http, clock: clock),
            ContainerCredentials(environment: environment, http: http), InstanceCredentials(environment: environment, http: http),
        ]
        self.init(sources: sources, logger: logger, clock: clock)
    }

    init(sources: [any CredentialsSource], logger: Logger, clock: @escaping @Sendable () -> Timestamp = { .systemNow() }) {
        self.sources = sources
        self.logger = logger
        self.clock = clock
    }

    /// Returns cached credentials, or fetches them from the first source that has some.
    package func credentials() async throws(CredentialsError) -> AWSCredentials {
        if let fresh = fresh { return fresh }
        return try await flight.run("") { await self.refresh() }.get()
    }

    private var fresh: AWSCredentials? {
        let now = clock()
        return cached.withLock { cached in cached.flatMap { now < $0.refreshAt ? $0.credentials : nil } }
    }

    private func refresh() async -> Result<AWSCredentials, CredentialsError> {
        // A caller that comes just after the end of a fetch starts the next one, which ends here.
        if let fresh { return .success(fresh) }
        do {
            let credentials = try await fetch()
            return .success(credentials)
        } catch {
            return validOld().map { .success($0) } ?? .failure(error)
        }
    }

    private func fetch() async throws(CredentialsError) -> AWSCredentials {
        for source in sources {
            guard let credentials = try await source.find() else { continue }
            let now = clock()
            // Some platforms return the same credentials until shortly before they expire: then they are asked again after a while.
            let refreshAt =
                credentials.expiresAt.map { min($0, max($0 - Self.refreshAhead, now + Self.retryAfter)) } ?? (now + Self.rereadAfter)
            let earlierSource = cached.withLock { cached in
                defer { cached = CachedCredentials(credentials: credentials, source: source.name, refreshAt: refreshAt) }
                return cached?.source
            }
            if earlierSource != source.name { logger.info("AWS credentials found", metadata: ["aws.credentials.source": "\(source.name)"]) }
            return credentials
        }
        throw CredentialsError("no AWS credentials in the \(sources.map(\.name).joined(separator: ", "))")
    }

    /// The credentials that could not be refreshed, if they are still valid.
    ///
    /// They are cached a little longer, so that not every call fetches.
    private func validOld() -> AWSCredentials? {
        let now = clock()
        return cached.withLock { cached in
            guard let old = cached?.credentials, old.isValid(at: now) else { return nil }
            cached?.refreshAt = min(now + Self.retryAfter, old.expiresAt ?? now + Self.retryAfter)
            return old
        }
    }
}
