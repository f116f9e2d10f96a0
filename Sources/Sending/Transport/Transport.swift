public import MailModel

/// Hands messages to a provider.
public protocol Transport: Sendable {
    /// Hands one message over, once.
    ///
    /// - Parameter message: the wire form (RFC 5322).
    /// - Returns: the provider's id of the message, which its events carry.
    func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String

    /// What the provider allows; `nil` where it sets no limit.
    func quota() async throws(TransportError) -> TransportQuota?
}

/// What a provider allows the platform.
public struct TransportQuota: Sendable, Equatable {
    /// Messages per second.
    public var messagesPerSecond: Double
    /// The rolling day's allowance is used up.
    public var isExhausted: Bool

    public init(messagesPerSecond: Double, isExhausted: Bool) {
        self.messagesPerSecond = messagesPerSecond
        self.isExhausted = isExhausted
    }
}

/// Why a message was not handed over.
public struct TransportError: Error, Equatable {
    public enum Consequence: Sendable, Equatable {
        /// Surely not taken; may be tried again. `isThrottled`: the provider asks for a slower pace.
        case retry(isThrottled: Bool)
        /// Surely not taken, and never will be.
        case permanent(EmailStatus)
        /// The provider takes nothing at present from anybody.
        case paused
        /// Perhaps taken: the answer was lost.
        case unknown
    }

    public var consequence: Consequence
    /// The provider's own code and words.
    public var explanation: String

    public init(_ consequence: Consequence, _ explanation: String) {
        self.consequence = consequence
        self.explanation = explanation
    }
}
