public import MailModel

/// An access key with its secret, and with a session token and an end when it is temporary.
///
/// Its descriptions show the key's id and never the secrets, so that it may stand in a log line or a crash report.
public struct AWSCredentials: Sendable, Equatable {
    public var accessKeyID: String
    public var secretAccessKey: String
    /// Goes with each request signed by temporary credentials.
    public var sessionToken: String?
    /// When temporary credentials cease to be valid; `nil` for those without an end.
    public var expiresAt: Timestamp?

    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Timestamp? = nil) {
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
    public var description: String { "AWSCredentials(\(accessKeyID))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
