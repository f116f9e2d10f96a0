package import MailModel

/// SES's calls for sending.
package protocol SESSending: Sendable {
    /// Sends a message once (`SendEmail`). The caller decides on a repetition by the ``SESError/Outcome-swift.enum`` of a failure.
    ///
    /// - Returns: SES's message id.
    func sendEmail(_ message: RawEmail) async throws(SESError) -> String

    /// Returns what SES says of the AWS account: its quota, and whether it may send (`GetAccount`).
    func account() async throws(SESError) -> SESAccount

    /// Returns a tenant, which says whether SES sends its mail (`GetTenant`).
    func tenant(named name: String) async throws(SESError) -> SESTenant

    /// Returns whether SES sends the mail of a configuration set (`GetConfigurationSet`).
    func isSendingEnabled(configurationSet name: String) async throws(SESError) -> Bool
}

/// A message in its wire form with its envelope.
package struct RawEmail: Sendable {
    /// The envelope's sender.
    package var source: EmailAddress
    /// The envelope's recipients, at most 50.
    package var destinations: [EmailAddress]
    /// The message: header and body (RFC 5322).
    package var data: [UInt8]
    /// The configuration set by which SES publishes events.
    package var configurationSet: String?
    /// The tenant whose mail it is; `nil` for the account itself.
    package var tenant: String?
    /// Tags that each event contains.
    ///
    /// Names and values have at most 255 letters, digits, `_` and `-`.
    package var tags: [(name: String, value: String)]

    /// Creates a message.
    package init(
        source: EmailAddress, destinations: [EmailAddress], data: [UInt8], configurationSet: String? = nil,
        tenant: String? = nil, tags: [(name: String, value: String)] = []
    ) {
        self.source = source
        self.destinations = destinations
        self.data = data
        self.configurationSet = configurationSet
        self.tenant = tenant
        self.tags = tags
    }
}

/// What SES says of the AWS account in a region.
package struct SESAccount: Sendable, Equatable {
    /// The sending quota.
    package var quota: SendQuota
    /// Whether the account may send; `nil` where this program may not ask for it.
    package var isSendingEnabled: Bool?
    /// Whether the account has left the sandbox, which mails verified addresses only; `nil` where this program may not ask for it.
    package var hasProductionAccess: Bool?
    /// SES's word for the health of the account: `HEALTHY`, `PROBATION` or `SHUTDOWN`.
    package var enforcement: String?
    /// What became of the request for production access: `PENDING`, `GRANTED`, `DENIED` or `FAILED`; `nil` where none was made.
    package var review: String?

    /// Creates an account.
    package init(
        quota: SendQuota, isSendingEnabled: Bool? = nil, hasProductionAccess: Bool? = nil, enforcement: String? = nil,
        review: String? = nil
    ) {
        self.quota = quota
        self.isSendingEnabled = isSendingEnabled
        self.hasProductionAccess = hasProductionAccess
        self.enforcement = enforcement
        self.review = review
    }
}

/// The sending quota of the AWS account, and how much of it is used.
package struct SendQuota: Sendable, Equatable {
    /// The most recipients within 24 hours; −1 means unlimited.
    package var max24HourSend: Double
    /// The most recipients per second.
    package var maxSendRate: Double
    /// The recipients of the last 24 hours.
    package var sentLast24Hours: Double

    /// Creates a quota.
    package init(max24HourSend: Double, maxSendRate: Double, sentLast24Hours: Double) {
        self.max24HourSend = max24HourSend
        self.maxSendRate = maxSendRate
        self.sentLast24Hours = sentLast24Hours
    }
}
