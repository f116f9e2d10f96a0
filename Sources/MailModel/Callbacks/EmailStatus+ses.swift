extension EmailStatus {
    /// The type of the event by which Amazon SES reports the status; `nil` where SES has none.
    ///
    /// Source: Amazon SES developer guide, "Contents of event data that Amazon SES publishes".
    package var sesEventType: String? {
        switch self {
        case .sent: "Send"
        case .delivered: "Delivery"
        case .open: "Open"
        case .click: "Click"
        case .bounced, .bouncedPermanent: "Bounce"
        case .complained: "Complaint"
        case .notSent, .exhausted, .blockedDueBadBehaviour: "Reject"
        case .incomplete: "Rendering Failure"
        default: nil
        }
    }
}
