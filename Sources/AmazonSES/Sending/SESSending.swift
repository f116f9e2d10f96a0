package import MailModel

/// SES's calls for sending.
package protocol SESSending: Sendable {
    /// Sends a message once (`SendRawEmail`). The caller decides on a repetition by the ``SESError/Outcome-swift.enum`` of a failure.
    ///
    /// - Returns: SES's message id.
    func sendRawEmail(_ message: RawEmail) async throws(SESError) -> String

    /// Returns the sending quota of the account (`GetSendQuota`).
    func sendQuota() async throws(SESError) -> SendQuota
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
    /// Tags that each event contains.
    ///
    /// Names and values have at most 255 letters, digits, `_` and `-`.
    package var tags: [(name: String, value: String)]

    /// Creates a message.
    package init(
        source: EmailAddress, destinations: [EmailAddress], data: [UInt8], configurationSet: String? = nil,
        tags: [(name: String, value: String)] = []
    ) {
        self.source = source
        self.destinations = destinations
        self.data = data
        self.configurationSet = configurationSet
        self.tags = tags
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
