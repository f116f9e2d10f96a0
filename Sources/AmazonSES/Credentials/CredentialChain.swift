package import Logging
package import MailModel
import Synchronization

/// The usual places of AWS credentials, asked in this order until one has them: the environment, the shared files, the container's role,
/// the instance's role.
///
/// What was found is kept. Temporary credentials are fetched anew five minutes before their end, others are read again every five minutes,
/// so that a rotated key is taken up without a restart. Concurrent callers share one fetch; while it fails, what is still valid is used on.
package final class CredentialChain: CredentialsProvider {
    private let sources: [any CredentialsSource]
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let kept = Mutex<Kept?>(nil)
    private let flight = SingleFlight<String, Result<AWSCredentials, CredentialsError>>()

    private struct Kept {
        var credentials: AWSCredentials
        var source: String
        /// From when on they are fetched anew.
        var refreshAt: Timestamp
    }

    private static let refreshAhead = Duration.seconds(300)
    private static let rereadAfter = Duration.seconds(300)
    private static let retryAfter = Duration.seconds(30)

    /// - Parameters:
    ///   - environment: the process's environment, which names the files and endpoints.
    ///   - clock: the present time, for credentials that end at one. Without it, this machine's.
    package convenience init(
        environment: [String: String], http: AWSHTTPClient, logger: Logger, clock: (@Sendable () -> Timestamp)? = nil
    ) {
        let sources: [any CredentialsSource] = [
            EnvironmentCredentials(environment: environment), SharedFileCredentials(environment: environment),
            ContainerCredentials(environment: environment, http: http), InstanceCredentials(environment: environment, http: http),
        ]
        self.init(sources: sources, logger: logger, now: clock ?? { .systemNow() })
    }

    init(sources: [any CredentialsSource], logger: Logger, now: @escaping @Sendable () -> Timestamp = { .systemNow() }) {
        self.sources = sources
        self.logger = logger
        self.now = now
    }

    package func credentials() async throws(CredentialsError) -> AWSCredentials {
        if let fresh = fresh { return fresh }
        return try await flight.run("") { await self.refresh() }.get()
    }

    private var fresh: AWSCredentials? {
        let now = now()
        return kept.withLock { kept in kept.flatMap { now < $0.refreshAt ? $0.credentials : nil } }
    }

    private func refresh() async -> Result<AWSCredentials, CredentialsError> {
        // Whoever comes just after a fetch has ended starts the next one, and finds here that there is nothing left to do.
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
            let now = now()
            // Some platforms hand out the same credentials until shortly before their end: then they are asked again now and then.
            let refreshAt =
                credentials.expiresAt.map { min($0, max($0 - Self.refreshAhead, now + Self.retryAfter)) } ?? (now + Self.rereadAfter)
            let known = kept.withLock { kept in
                defer { kept = Kept(credentials: credentials, source: source.name, refreshAt: refreshAt) }
                return kept?.source
            }
            if known != source.name { logger.info("AWS credentials found", metadata: ["aws.credentials.source": "\(source.name)"]) }
            return credentials
        }
        throw CredentialsError("no AWS credentials in the \(sources.map(\.name).joined(separator: ", "))")
    }

    /// The credentials that were to be replaced, as long as they are valid; they are kept a little longer, so that not every call tries
    /// again.
    private func validOld() -> AWSCredentials? {
        let now = now()
        return kept.withLock { kept in
            guard let old = kept?.credentials, old.isValid(at: now) else { return nil }
            kept?.refreshAt = min(now + Self.retryAfter, old.expiresAt ?? now + Self.retryAfter)
            return old
        }
    }
}
