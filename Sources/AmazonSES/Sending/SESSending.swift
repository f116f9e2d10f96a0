package import MailModel

/// Sending by SES.
package protocol SESSending: Sendable {
    /// Hands a message to SES (`SendRawEmail`), once: a failure is the caller's to judge by its ``SESError/Outcome-swift.enum``.
    ///
    /// - Returns: SES's message id.
    func sendRawEmail(_ message: RawEmail) async throws(SESError) -> String

    /// What SES allows the account (`GetSendQuota`).
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
    /// The configuration set, by whose rules SES reports events.
    package var configurationSet: String?
    /// Come back in each event. Names and values: letters, digits, `_` and `-`, at most 255.
    package var tags: [(name: String, value: String)]

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

/// The limits of the AWS account and what was used of them.
package struct SendQuota: Sendable, Equatable {
    /// Recipients within any 24 hours; −1 is unlimited.
    package var max24HourSend: Double
    /// Recipients per second.
    package var maxSendRate: Double
    package var sentLast24Hours: Double

    package init(max24HourSend: Double, maxSendRate: Double, sentLast24Hours: Double) {
        self.max24HourSend = max24HourSend
        self.maxSendRate = maxSendRate
        self.sentLast24Hours = sentLast24Hours
    }
}
