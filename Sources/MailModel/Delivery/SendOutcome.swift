/// How an attempt to hand an email to the provider ended (specification 6.3).
package enum SendOutcome: Sendable, Equatable {
    /// The provider has it, under this id of its own.
    case sent(messageID: String)
    /// It failed for now; the next attempt is due then.
    case retry(at: Timestamp, explanation: String)
    /// The connection broke after the request went out: it may or may not have been taken. Until then the provider's own events may tell.
    case unknown(until: Timestamp, explanation: String)
    /// The provider takes nothing at present; the attempt does not count as one.
    case paused(until: Timestamp, explanation: String)
    /// It ended for good, in this status.
    case ended(EmailStatus, explanation: String)

    /// The provider's id.
    package var messageID: String? {
        if case .sent(let messageID) = self { messageID } else { nil }
    }
}
