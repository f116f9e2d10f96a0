import JSON
import MailModel

extension SESEvent {
    /// Where the email stands after it; `nil` for what stands in the timeline only.
    var status: EmailStatus? {
        switch kind {
        case .send: .sent
        case .delivery: .delivered
        case .open: .open
        case .click: .click
        case .bounce(let bounce): bounce.status
        case .complaint(let complaint): complaint.isGenuine ? .complained : nil
        case .reject, .renderingFailure: .notSent
        case .deliveryDelay, .subscription, .other: nil
        }
    }

    /// Whether it happened to this recipient.
    ///
    /// SES's text for a recipient can differ from the address that was written to, as with a forwarded mailbox: a message with one destination
    /// can only be about that one.
    func concerns(_ recipient: EmailAddress) -> Bool {
        recipients.isEmpty || mail.destinations.count == 1 || entry(of: recipient) != nil
    }

    /// The event as one about the email to this recipient: where no address in it can be read, it is the recipient's. Every email of ours has one.
    func about(_ recipient: EmailAddress) -> SESEvent {
        var event = self
        if mail.destinations.allSatisfy({ $0.address == nil }) { event.mail.destinations = [Recipient(address: recipient)] }
        if let first = recipients.first, recipients.allSatisfy({ $0.address == nil }) {
            event.recipients = [Recipient(address: recipient, words: first.words)]
        }
        return event
    }

    /// The entry for the timeline of the email to this recipient.
    func timelineEntry(for recipient: EmailAddress, now: Timestamp) -> TimelineEntry {
        let details = details(for: recipient)
        return TimelineEntry(
            status: status?.rawValue ?? label, at: at ?? now, explanation: explanation,
            details: details.isEmpty ? nil : String(decoding: JSONValue.object(details).serialized, as: UTF8.self))
    }

    /// The name in the timeline of what changes no status.
    private var label: String {
        switch kind {
        case .deliveryDelay: "DELIVERY_DELAY"
        case .subscription: "SUBSCRIPTION"
        case .complaint: "NOT_SPAM"
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
        case .send, .delivery, .open, .click, .subscription, .other: nil
        }
    }

    /// SES's words about the event and about this recipient, as one object.
    private func details(for recipient: EmailAddress) -> JSONObject {
        let entry = entry(of: recipient) ?? (recipients.count == 1 ? recipients.first : nil)
        return (entry?.words ?? JSONObject()).reduce(into: words) { $0[$1.name] = $1.value }
    }

    private func entry(of recipient: EmailAddress) -> Recipient? {
        recipients.first { $0.address?.suppressionKey == recipient.suppressionKey }
    }
}
