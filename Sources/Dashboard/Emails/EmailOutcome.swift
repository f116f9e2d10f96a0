import JSON
import MailModel
import Sending

/// How an email ended that was not delivered, or was complained about: the answer first, then what follows from it, and the way back.
struct EmailOutcome: Sendable {
    let tone: String
    /// The answer, such as `Hard bounce: 550 5.1.1 no such user`.
    let title: String
    /// Whom it is suppressed for, in a sentence.
    let consequence: String?
    /// Lifts the suppression.
    let lift: Confirmation?

    /// - Parameters:
    ///   - suppressions: those that hold for the recipient.
    ///   - back: the page of the email.
    /// - Returns: `nil` for emails that were delivered, or are on their way.
    init?(_ found: SentEmails.Found, _ suppressions: [Suppression], back: String, _ request: DashboardRequest) {
        let status = found.email.status
        guard let name = status.failure ?? (suppressions.isEmpty ? nil : "") else { return nil }
        let entry = found.timeline.last { $0.status == status.rawValue }
        let answer = entry?.answer ?? entry?.explanation
        title = name.isEmpty ? "The recipient is suppressed now" : answer.map { "\(name): \($0)" } ?? name
        tone = (status == .bounced || name.isEmpty || status == .cancelled ? Tone.warning : .bad).rawValue
        consequence = suppressions.first.map { suppression in
            let scope = suppression.entry.sender.map { "emails from \($0)" } ?? "all emails of \(suppression.userName)"
            return "The address is suppressed for \(scope), since \(Format.time(suppression.createdAt))."
        }
        let first = suppressions.first
        lift = request.may(.suppressionsLift) ? first.map { .lifting($0, back: back, request) } : nil
    }
}

extension Confirmation {
    fileprivate static func lifting(_ suppression: Suppression, back: String, _ request: DashboardRequest) -> Confirmation {
        Confirmation(
            title: "Remove the suppression…", text: "The next email to this address is sent again.", button: "Remove",
            action: request.link("/dashboard/suppressions/\(suppression.id)/delete", ["back": back]))
    }
}

extension EmailStatus {
    /// What went wrong, in the words of the trade; `nil` for an email that is on its way, or has arrived.
    fileprivate var failure: String? {
        switch self {
        case .bouncedPermanent: "Hard bounce"
        case .bounced: "Soft bounce"
        case .complained: "Complaint"
        case .notSent: "Rejected"
        case .exhausted: "Expired"
        case .badTo: "Bad recipient"
        case .badFrom: "Bad sender"
        case .blacklisted: "Suppressed"
        case .blockedDueBadBehaviour: "Blocked"
        case .cancelled: "Cancelled"
        case .scheduled, .queued, .dequeued, .sent, .incomplete, .delivered, .open, .click: nil
        }
    }
}

extension TimelineEntry {
    /// The answer of the recipient's server, without the protocol's name before it.
    fileprivate var answer: String? {
        let object = detailsObject
        guard let code = object?["diagnosticCode"]?.stringValue ?? object?["complaintFeedbackType"]?.stringValue else { return nil }
        return code.hasPrefix("smtp;") ? code.dropFirst(5).trimmed : code
    }
}
