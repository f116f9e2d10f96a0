import JSON
import MailModel

extension AWSCredentials {
    /// Reads the document with which the container endpoint and the instance metadata service give a role's credentials:
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
    /// Limits for the services on this machine that hand out credentials.
    static let metadataTimeout = Duration.seconds(2)
    static let maximumMetadata = 16 * 1024
}
