/// A policy delegation request: the attributes that are used here (Postfix, SMTPD_POLICY_README).
///
/// All of them are sent by the mail server, some by its clients: none is validated.
package struct PolicyRequest: Sendable, Equatable {
    /// The state of the SMTP session: `RCPT`, `DATA`, `END-OF-MESSAGE`, ….
    package var protocolState = ""
    /// The envelope sender; empty for bounces.
    package var sender = ""
    /// The recipient at `RCPT`, and later that of a message with a single one.
    package var recipient = ""
    /// How many recipients were accepted so far; 0 before `DATA`.
    package var recipientCount: Int64 = 0
    /// The name the client logged in with; empty without a login.
    package var saslUsername = ""
    /// The id of the message: the same in all requests about it, and in a repeated request.
    package var instance = ""

    /// Creates a request without attributes.
    package init() {}
}

/// The bounds of a request.
///
/// Postfix sends about 30 attributes in about 1,000 bytes; its own lines end at 2,048.
package enum PolicyLimits {
    /// The most bytes of a line, without its end.
    package static let lineLength = 8192
    /// The most bytes of a request.
    package static let requestLength = 65_536
    /// The most attributes of a request.
    package static let attributes = 256
}

/// Why bytes are no policy request (specification 11.4).
///
/// The connection is closed without an answer: Postfix then tries again on a new one.
package enum PolicyFault: Error, Equatable, CustomStringConvertible {
    /// A line exceeds ``PolicyLimits/lineLength``.
    case lineTooLong
    /// The request exceeds ``PolicyLimits/requestLength``.
    case requestTooLong
    /// The request exceeds ``PolicyLimits/attributes``.
    case tooManyAttributes
    /// A line is not `name=value`.
    case notAnAttribute
    /// The number of recipients is malformed or negative.
    case malformedCount
    /// The attribute `request` is missing or names another kind of request.
    case otherRequest

    /// The fault in a sentence, for the log.
    package var description: String {
        switch self {
        case .lineTooLong: "a line is longer than \(PolicyLimits.lineLength) bytes"
        case .requestTooLong: "a request is longer than \(PolicyLimits.requestLength) bytes"
        case .tooManyAttributes: "a request has more than \(PolicyLimits.attributes) attributes"
        case .notAnAttribute: "a line is not name=value"
        case .malformedCount: "recipient_count is no number"
        case .otherRequest: "the request is not an smtpd_access_policy"
        }
    }
}
