public import MailModel

/// Sending by SES.
public protocol SESSending: Sendable {
    /// Hands a message to SES (`SendRawEmail`), once: a failure is the caller's to judge by its ``SESError/Outcome-swift.enum``.
    ///
    /// - Returns: SES's message id.
    func sendRawEmail(_ message: RawEmail) async throws(SESError) -> String

    /// What SES allows the account (`GetSendQuota`).
    func sendQuota() async throws(SESError) -> SendQuota
}

/// A message in its wire form with its envelope.
public struct RawEmail: Sendable {
    /// The envelope's sender.
    public var source: EmailAddress
    /// The envelope's recipients, at most 50.
    public var destinations: [EmailAddress]
    /// The message: header and body (RFC 5322).
    public var data: [UInt8]
    /// The configuration set, by whose rules SES reports events.
    public var configurationSet: String?
    /// Come back in each event. Names and values: letters, digits, `_` and `-`, at most 255.
    public var tags: [(name: String, value: String)]

    public init(
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
public struct SendQuota: Sendable, Equatable {
    /// Recipients within any 24 hours; −1 is unlimited.
    public var max24HourSend: Double
    /// Recipients per second.
    public var maxSendRate: Double
    public var sentLast24Hours: Double

    public init(max24HourSend: Double, maxSendRate: Double, sentLast24Hours: Double) {
        self.max24HourSend = max24HourSend
        self.maxSendRate = maxSendRate
        self.sentLast24Hours = sentLast24Hours
    }
}
