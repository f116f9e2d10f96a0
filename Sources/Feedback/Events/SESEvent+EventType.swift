extension SESEvent {
    /// The types of events, and the members in which each has its parts.
    enum EventType: String {
        case send, delivery, bounce, complaint, reject, open, click
        case deliveryDelay = "deliverydelay"
        case renderingFailure = "renderingfailure"
        case subscription

        /// The type in SES's spelling, which has spaces at times (`Rendering Failure`).
        init?(type: String) {
            self.init(rawValue: type.lowercased().filter { !" _-".contains($0) })
        }

        /// The member that says what happened.
        var object: String {
            switch self {
            case .deliveryDelay: "deliveryDelay"
            // Not `renderingFailure`.
            case .renderingFailure: "failure"
            default: rawValue
            }
        }

        /// The member of that object that lists recipients: as texts for deliveries, as objects for the others.
        var recipients: String? {
            switch self {
            case .delivery: "recipients"
            case .bounce: "bouncedRecipients"
            case .complaint: "complainedRecipients"
            case .deliveryDelay: "delayedRecipients"
            default: nil
            }
        }

        /// The members that the timeline shows.
        var words: [String] {
            switch self {
            case .send: []
            case .delivery: ["smtpResponse", "reportingMTA", "remoteMtaIp", "processingTimeMillis"]
            case .bounce: ["bounceType", "bounceSubType", "feedbackId", "reportingMTA", "remoteMtaIp"]
            case .complaint: ["complaintFeedbackType", "complaintSubType", "feedbackId", "userAgent", "arrivalDate"]
            case .reject: ["reason"]
            case .open: ["ipAddress", "userAgent", "isBotEvent"]
            case .click: ["link", "ipAddress", "userAgent", "isBotEvent"]
            case .deliveryDelay: ["delayType", "expirationTime", "reportingMTA"]
            case .renderingFailure: ["templateName", "errorMessage"]
            case .subscription: ["contactList", "source"]
            }
        }

        /// The members of a recipient that the timeline shows.
        static let recipientWords = ["action", "status", "diagnosticCode"]
    }
}
