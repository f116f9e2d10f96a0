/// Provides the credentials to sign requests with.
package protocol CredentialsProvider: Sendable {
    /// Returns valid credentials.
    ///
    /// - Throws: ``CredentialsError`` when there are none, or the configured source fails.
    func credentials() async throws(CredentialsError) -> AWSCredentials
}

/// Why there are no credentials: a sentence for the operator, without secrets.
package struct CredentialsError: Error, Equatable, CustomStringConvertible {
    /// The sentence.
    package let description: String

    /// Creates an error.
    package init(_ description: String) {
        self.description = description
    }
}

/// A source of credentials.
protocol CredentialsSource: Sendable {
    /// A short name for logs: `environment`, `web-identity`, `shared-files`, `container`, `instance`.
    var name: String { get }

    /// Returns the credentials; `nil` when this source is not configured, and the next one is to be asked.
    ///
    /// - Throws: when the source is configured and fails. No other source is asked then, so that no other identity is used by accident.
    func find() async throws(CredentialsError) -> AWSCredentials?
}

/// Credentials that are passed in.
package struct StaticCredentials: CredentialsProvider {
    private let value: AWSCredentials

    /// Provides these credentials.
    package init(_ value: AWSCredentials) {
        self.value = value
    }

    /// Returns the credentials that were passed in.
    package func credentials() -> AWSCredentials {
        value
    }
}

/// Credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: CredentialsSource {
    let environment: [String: String]
    let name = "environment"

    func find() throws(CredentialsError) -> AWSCredentials? {
        let id = environment.filled("AWS_ACCESS_KEY_ID")
        let secret = environment.filled("AWS_SECRET_ACCESS_KEY")
        switch (id, secret) {
        case (nil, nil): return nil
        case (let id?, let secret?):
            return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: environment.filled("AWS_SESSION_TOKEN"))
        case (_?, nil): throw CredentialsError("AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not")
        case (nil, _?): throw CredentialsError("AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not")
        }
    }
}

extension [String: String] {
    /// The value of a variable; `nil` when it is not set or empty, which AWS's own tools treat alike.
    func filled(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
