/// Why the bytes of a connection are no policy requests. The connection is closed without an answer: Postfix then tries again on a new one.
package enum PolicyFault: Error, Equatable, CustomStringConvertible {
    case lineTooLong
    case requestTooLong
    case tooManyAttributes
    case notAnAttribute
    case malformedCount
    case otherRequest

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

/// What a request may be at the most. Postfix sends about 30 attributes in about 1,000 bytes; its own lines end at 2,048.
package enum PolicyLimits {
    package static let lineLength = 8192
    package static let requestLength = 65_536
    package static let attributes = 256
}
