package import MailModel

/// Sends messages through a provider.
package protocol Transport: Sendable {
    /// Sends one message, once.
    ///
    /// - Parameter message: the wire form (RFC 5322).
    /// - Returns: the provider's id of the message, which its events contain.
    func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String

    /// Called when it is stored that a message was sent. Does nothing by default.
    func didRecord(_ email: Email, messageID: String)

    /// Returns what the provider allows; `nil` where it sets no limit.
    func quota() async throws(TransportError) -> TransportQuota?

    /// Returns the scopes for which the provider may refuse mail of this origin while it accepts other mail. None by default.
    func scopes(of origin: SendingOrigin) -> [SendingScope]
}

extension Transport {
    /// Does nothing.
    package func didRecord(_ email: Email, messageID: String) {}

    /// Returns no scopes.
    package func scopes(of origin: SendingOrigin) -> [SendingScope] { [] }
}

/// What a provider allows all nodes together.
package struct TransportQuota: Sendable, Equatable {
    /// The most messages per second.
    package var messagesPerSecond: Double
    /// How many more messages the provider accepts in the rolling day; `.max` where it does not count them.
    package var remaining: Int64

    /// Creates a quota.
    package init(messagesPerSecond: Double, remaining: Int64 = .max) {
        self.messagesPerSecond = messagesPerSecond
        self.remaining = remaining
    }
}

/// Why a message was not sent, or perhaps not.
package struct TransportError: Error, Equatable {
    /// What follows from an error.
    package enum Consequence: Sendable, Equatable {
        /// Certainly not sent; may be tried again. `isThrottled`: the provider asks for a lower rate.
        case retry(isThrottled: Bool)
        /// Certainly not sent, and never will be: the email ends with this status.
        case permanent(EmailStatus)
        /// The provider accepts no mail at all at present.
        case paused
        /// The provider accepts no mail of this scope at present, but other mail.
        case parked(SendingScope)
        /// Perhaps sent: the answer was lost.
        case unknown
    }

    /// What follows from the error.
    package var consequence: Consequence
    /// The provider's own code and sentence.
    package var explanation: String

    /// Creates an error.
    package init(_ consequence: Consequence, _ explanation: String) {
        self.consequence = consequence
        self.explanation = explanation
    }
}
