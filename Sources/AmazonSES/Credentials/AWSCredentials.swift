package import MailModel

/// An access key with its secret, and with a session token and an end when it is temporary.
///
/// Its descriptions show the key's id and never the secrets, so that it may stand in a log line or a crash report.
package struct AWSCredentials: Sendable, Equatable {
    package var accessKeyID: String
    package var secretAccessKey: String
    /// Goes with each request signed by temporary credentials.
    package var sessionToken: String?
    /// When temporary credentials cease to be valid; `nil` for those without an end.
    package var expiresAt: Timestamp?

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
    package var description: String { "AWSCredentials(\(accessKeyID))" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
