import MailModel

extension EmailStatus {
    /// The status in words.
    var word: String {
        switch self {
        case .scheduled: "Scheduled"
        case .queued: "Queued"
        case .dequeued: "Being sent"
        case .sent: "Sent"
        case .incomplete: "Incomplete"
        case .cancelled: "Cancelled"
        case .blacklisted: "Suppressed"
        case .badTo: "Bad recipient"
        case .badFrom: "Bad sender"
        case .blockedDueBadBehaviour: "Blocked"
        case .exhausted: "Gave up"
        case .notSent: "Not sent"
        case .bounced: "Bounced, soft"
        case .delivered: "Delivered"
        case .open: "Opened"
        case .click: "Clicked"
        case .bouncedPermanent: "Bounced, hard"
        case .complained: "Complaint"
        }
    }

    var badge: Badge { Badge(word, tone) }

    private var tone: Tone {
        switch self {
        case .scheduled, .queued, .dequeued, .sent, .cancelled: .neutral
        case .delivered, .open, .click: .good
        case .blacklisted, .incomplete, .bounced: .warning
        case .badTo, .badFrom, .blockedDueBadBehaviour, .exhausted, .notSent, .bouncedPermanent, .complained: .bad
        }
    }
}

extension TimelineEntry {
    /// The status, or an event that does not change it: `Delivery delay`.
    var badge: Badge {
        if let status = EmailStatus(rawValue: status) { return status.badge }
        let words = status.lowercased().split(separator: "_").joined(separator: " ")
        return Badge(words.prefix(1).uppercased() + words.dropFirst(), .neutral)
    }
}
