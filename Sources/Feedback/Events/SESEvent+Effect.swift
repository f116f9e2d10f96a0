import MailModel
import Storage

extension SESEvent {
    /// Returns what the event does to the email that it is about.
    ///
    /// - Parameter rules: which addresses it may suppress.
    func effect(by rules: FeedbackRules) -> EventEffect {
        var effect = EventEffect(
            kind: status?.rawValue ?? label, status: status, explanation: explanation, at: at, words: words,
            recipients: recipients.map { EventEffect.Recipient(address: $0.address, words: $0.words) },
            // Where none can be read there was one, the email's: see ``about(_:)``.
            hasOneDestination: mail.destinations.count == 1 || mail.destinations.allSatisfy { $0.address == nil },
            mailbox: mailboxEvidence(by: rules), suppression: lateSuppression(by: rules))
        effect.retry = retry(by: rules)
        return effect
    }

    /// How an email is sent again whose mailbox was full or out of order; `nil` for other events, and where the rules do not ask for it.
    private func retry(by rules: FeedbackRules) -> EventEffect.Retry? {
        guard rules.softBounceRetries > 0, case .bounce(let bounce) = kind, bounce.concernsMailbox, let messageID = mail.messageID else {
            return nil
        }
        return EventEffect.Retry(messageID: messageID, limit: rules.softBounceRetries, schedule: rules.retrySchedule)
    }

    /// Returns the event as one about the email to this recipient: where no address in it can be read, it is the recipient's.
    ///
    /// Every email of ours has one.
    func about(_ recipient: EmailAddress) -> SESEvent {
        var event = self
        if mail.destinations.allSatisfy({ $0.address == nil }) { event.mail.destinations = [Recipient(address: recipient)] }
        if let first = recipients.first, recipients.allSatisfy({ $0.address == nil }) {
            event.recipients = [Recipient(address: recipient, words: first.words)]
        }
        return event
    }

    /// The status that the event leads to; `nil` for what only the timeline shows.
    var status: EmailStatus? {
        switch kind {
        case .send: .sent
        case .delivery: .delivered
        case .open(by: .person): .open
        case .click(by: .person): .click
        case .bounce(let bounce): bounce.status
        case .complaint(let complaint): complaint.isGenuine ? .complained : nil
        case .reject, .renderingFailure: .notSent
        case .open(by: .machine), .click(by: .machine), .deliveryDelay, .subscription, .other: nil
        }
    }

    /// Returns what the event says about the recipient's mailbox; `nil` where it says nothing, or soft bounces suppress no address.
    func mailboxEvidence(by rules: FeedbackRules) -> EventEffect.MailboxEvidence? {
        guard rules.softBounceLimit > 0 else { return nil }
        switch kind {
        case .bounce(let bounce) where bounce.concernsMailbox:
            return EventEffect.MailboxEvidence(isSoftBounce: true, limit: rules.softBounceLimit)
        case .delivery, .open, .click: return EventEffect.MailboxEvidence(isSoftBounce: false, limit: rules.softBounceLimit)
        default: return nil
        }
    }

    /// The name in the timeline of what changes no status.
    private var label: String {
        switch kind {
        case .deliveryDelay: "DELIVERY_DELAY"
        case .subscription: "SUBSCRIPTION"
        case .complaint: "NOT_SPAM"
        case .open: ReportMarks.automatedOpen
        case .click: ReportMarks.automatedClick
        default: type.uppercased()
        }
    }

    private var explanation: String? {
        switch kind {
        case .bounce(let bounce):
            switch bounce.persistence {
            case .permanent: "The recipient's server refuses the address for good."
            case .transient: "The recipient's server did not take the message this time."
            case .undetermined: "The message came back, and SES cannot tell why."
            }
        case .complaint(let complaint):
            complaint.isGenuine ? "The recipient reported the message as spam." : "The recipient reported that the message is no spam."
        case .reject: "SES found something harmful in the message and did not send it."
        case .renderingFailure: "SES could not fill in the template."
        case .deliveryDelay: "The message could not be delivered yet; SES goes on trying."
        case .open(by: .machine): "A program opened the message, not a person, as far as SES can tell."
        case .click(by: .machine): "A program followed the link, not a person, as far as SES can tell."
        case .send, .delivery, .open, .click, .subscription, .other: nil
        }
    }

    /// A recipient that is not known yet.
    ///
    /// The top-level domain is reserved for what does not exist (RFC 2606).
    private static let unknownRecipient = EmailAddress(validated: "unknown@recipient.invalid")

    /// What the event suppresses only once its email is known, because the recipient's address could not be read.
    private func lateSuppression(by rules: FeedbackRules) -> EventEffect.LateSuppression? {
        let tally = about(Self.unknownRecipient).tally(by: rules)
        guard tally.suppressed.contains(Self.unknownRecipient) else { return nil }
        return EventEffect.LateSuppression(reason: tally.reason, others: tally.suppressed.filter { $0 != Self.unknownRecipient })
    }
}
