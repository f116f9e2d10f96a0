package import MailModel

/// Hands messages to a provider.
package protocol Transport: Sendable {
    /// Hands one message over, once.
    ///
    /// - Parameter message: the wire form (RFC 5322).
    /// - Returns: the provider's id of the message, which its events carry.
    func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String

    /// Told once it is stored that a message was handed over. A provider elsewhere does not care.
    func didRecord(_ email: Email, messageID: String)

    /// What the provider allows; `nil` where it sets no limit.
    func quota() async throws(TransportError) -> TransportQuota?

    /// All that the provider may refuse mail of this sender by, while it takes other mail.
    func scopes(of sender: EmailAddress) -> [SendingScope]
}

extension Transport {
    package func didRecord(_ email: Email, messageID: String) {}

    package func scopes(of sender: EmailAddress) -> [SendingScope] { [] }
}

/// What a provider allows the platform.
package struct TransportQuota: Sendable, Equatable {
    /// Messages per second.
    package var messagesPerSecond: Double
    /// How many more messages it takes in the rolling day; `.max` where it does not count them.
    package var remaining: Int64

    package init(messagesPerSecond: Double, remaining: Int64 = .max) {
        self.messagesPerSecond = messagesPerSecond
        self.remaining = remaining
    }
}

/// Why a message was not handed over.
package struct TransportError: Error, Equatable {
    package enum Consequence: Sendable, Equatable {
        /// Surely not taken; may be tried again. `isThrottled`: the provider asks for a slower pace.
        case retry(isThrottled: Bool)
        /// Surely not taken, and never will be.
        case permanent(EmailStatus)
        /// The provider takes nothing at present from anybody.
        case paused
        /// The provider takes nothing at present of what belongs to this, and goes on with other mail.
        case parked(SendingScope)
        /// Perhaps taken: the answer was lost.
        case unknown
    }

    package var consequence: Consequence
    /// The provider's own code and words.
    package var explanation: String

    package init(_ consequence: Consequence, _ explanation: String) {
        self.consequence = consequence
        self.explanation = explanation
    }
}
