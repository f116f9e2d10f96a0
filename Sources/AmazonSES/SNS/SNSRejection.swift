/// Why a message is not believed.
package struct SNSRejection: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// A field is missing (400).
        case malformed
        /// Not from the topic, or not from SNS, or old (403). SNS does not try again, and need not.
        case forged
        /// It could not be found out, because the certificate's host did not answer (503): SNS tries again.
        case unavailable
    }

    package let kind: Kind
    /// A constant phrase for logs and metrics, with nothing of the message in it.
    package let description: String

    /// The status to answer SNS with.
    package var httpStatus: Int {
        switch kind {
        case .malformed: 400
        case .forged: 403
        case .unavailable: 503
        }
    }

    /// The topic is not one that is listened to.
    package static let topicNotAllowed = forged("topic not allowed")

    static func malformed(_ reason: String) -> SNSRejection { .init(kind: .malformed, description: reason) }
    static func forged(_ reason: String) -> SNSRejection { .init(kind: .forged, description: reason) }
    static func unavailable(_ reason: String) -> SNSRejection { .init(kind: .unavailable, description: reason) }
}
