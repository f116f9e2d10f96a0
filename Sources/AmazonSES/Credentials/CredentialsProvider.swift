/// Whoever knows the credentials to sign with at this moment.
public protocol CredentialsProvider: Sendable {
    /// - Throws: ``CredentialsError`` when there are none, or the place that is to have them does not give them.
    func credentials() async throws(CredentialsError) -> AWSCredentials
}

/// Why there are no credentials: a sentence for the operator, without secrets.
public struct CredentialsError: Error, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// One place that credentials may come from.
protocol CredentialsSource: Sendable {
    /// Short, for logs: `environment`, `shared-files`, `container`, `instance`.
    var name: String { get }

    /// The credentials, or `nil` when this place is not set up and the next one shall be asked.
    ///
    /// - Throws: when the place is set up, and broken: then no other place is asked, so that no other identity is taken by accident.
    func find() async throws(CredentialsError) -> AWSCredentials?
}

/// Credentials that are known from the start: for tests, and for whoever brings their own.
public struct StaticCredentials: CredentialsProvider {
    private let value: AWSCredentials

    public init(_ value: AWSCredentials) {
        self.value = value
    }

    public func credentials() -> AWSCredentials {
        value
    }
}
