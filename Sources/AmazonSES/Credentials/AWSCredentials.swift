import JSON
package import MailModel

/// An access key with its secret; temporary ones also have a session token and an expiry.
///
/// Descriptions contain the id of the key and never the secrets, so that they may be logged.
package struct AWSCredentials: Sendable, Equatable {
    /// The id of the access key.
    package var accessKeyID: String
    /// The secret of the access key.
    package var secretAccessKey: String
    /// The token that each request signed by temporary credentials contains; `nil` for permanent ones.
    package var sessionToken: String?
    /// When temporary credentials expire; `nil` for permanent ones.
    package var expiresAt: Timestamp?

    /// Creates credentials.
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Timestamp? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    func isValid(at time: Timestamp) -> Bool {
        expiresAt.map { time < $0 } ?? true
    }
}

extension AWSCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The id of the key.
    package var description: String { "AWSCredentials(\(accessKeyID))" }
    /// The id of the key.
    package var debugDescription: String { description }
    /// A mirror without the secrets.
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

extension AWSCredentials {
    /// Parses the document by which the container endpoint and the instance metadata service return a role's credentials:
    /// `AccessKeyId`, `SecretAccessKey`, `Token`, `Expiration`.
    init?(roleDocument: [UInt8]) {
        guard case .object(let document)? = try? JSONValue.parse(roleDocument),
            let id = document["AccessKeyId"]?.stringValue, let secret = document["SecretAccessKey"]?.stringValue,
            let token = document["Token"]?.stringValue, let end = document["Expiration"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        else { return nil }
        self.init(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiresAt: end)
    }
}

extension AWSHTTPClient {
    /// Limits for requests to the metadata services that return credentials.
    static let metadataTimeout = Duration.seconds(2)
    static let maximumMetadata = 16 * 1024
}
