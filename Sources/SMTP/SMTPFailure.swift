/// Why a relay did not take a message.
package struct SMTPFailure: Error, Equatable {
    package enum Consequence: Sendable, Equatable {
        /// Surely not taken; may be tried again.
        case transient
        /// Surely not taken, and never will be: the fault is this message's.
        case permanent
        /// The relay takes nothing from us at all, until somebody changes something: no TLS, wrong password, not let in.
        case closedToUs
        /// Perhaps taken: the connection broke when all of the message was on its way.
        case unknown
    }

    package var consequence: Consequence
    /// What happened; the relay's own words where it had some.
    package var explanation: String

    package init(_ consequence: Consequence, _ explanation: String) {
        self.consequence = consequence
        self.explanation = explanation
    }
}
