/// Whoever knows the credentials to sign with at this moment.
package protocol CredentialsProvider: Sendable {
    /// - Throws: ``CredentialsError`` when there are none, or the place that is to have them does not give them.
    func credentials() async throws(CredentialsError) -> AWSCredentials
}

/// Why there are no credentials: a sentence for the operator, without secrets.
package struct CredentialsError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
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
package struct StaticCredentials: CredentialsProvider {
    private let value: AWSCredentials

    package init(_ value: AWSCredentials) {
        self.value = value
    }

    package func credentials() -> AWSCredentials {
        value
    }
}
