import JSON
package import MailModel

/// Sends nothing and simulates the provider: the default for a first run (specification 6.1).
///
/// The events of simulator addresses take the same feedback path as those of SES. Any other email is reported as delivered.
package struct CaptureTransport: Transport {
    private let report: @Sendable (_ event: [UInt8]) -> Void
    private let clock: @Sendable () -> Timestamp

    /// Creates a transport.
    ///
    /// - Parameter report: receives an event in SES's form; called when it is stored that the message was sent.
    package init(clock: @escaping @Sendable () -> Timestamp, report: @escaping @Sendable (_ event: [UInt8]) -> Void) {
        self.clock = clock
        self.report = report
    }

    /// Returns an id, as if the message were sent.
    package func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        // Each attempt has an id of its own, as at SES.
        email.attempts > 1 ? "capture-\(email.id)-\(email.attempts)" : "capture-\(email.id)"
    }

    /// Reports the events of a message.
    ///
    /// SES's events, too, come after its answer, and mostly after that is stored.
    package func didRecord(_ email: Email, messageID: String) {
        for behaviour in SimulatedBehaviour.behaviours(of: email.recipient) {
            report(behaviour.event(for: email, messageID: messageID, at: clock()))
        }
    }

    /// Returns `nil`: nothing limits the rate.
    package func quota() async throws(TransportError) -> TransportQuota? {
        nil
    }
}

/// What happens to a message by its recipient: like SES's mailbox simulator, at `simulator.martlet.test`.
///
/// A label behind a plus sign is allowed, as with SES: `bounce+7@simulator.martlet.test`.
enum SimulatedBehaviour: Sendable {
    case delivery
    case hardBounce(subType: String)
    case softBounce
    case complaint

    static func behaviours(of recipient: EmailAddress) -> [SimulatedBehaviour] {
        guard recipient.isSimulator else { return [.delivery] }
        switch recipient.localPart.lowercased().prefix(while: { $0 != "+" }) {
        case "bounce": return [.hardBounce(subType: "General")]
        case "suppressionlist": return [.hardBounce(subType: "Suppressed")]
        case "softbounce": return [.softBounce]
        case "complaint": return [.delivery, .complaint]
        default: return [.delivery]
        }
    }

    /// The event in the form that SES publishes from a configuration set (AWS: "Contents of event data that Amazon SES publishes to Amazon
    /// SNS").
    func event(for email: Email, messageID: String, at time: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("eventType", type)
            writer.member("mail") { writer in
                writer.object { writer in
                    writer.member("timestamp", time.description)
                    writer.member("messageId", messageID)
                    writer.member("source", email.sender.description)
                    writer.member("destination", [email.recipient.description])
                    writer.member("tags") { writer in writer.object { $0.member("martlet-id", [email.id.description]) } }
                }
            }
            writer.member(type.lowercased()) { writer in
                writer.object { details(&$0, recipient: email.recipient.description, time: time) }
            }
        }
        return writer.bytes
    }

    private var type: String {
        switch self {
        case .delivery: "Delivery"
        case .hardBounce, .softBounce: "Bounce"
        case .complaint: "Complaint"
        }
    }

    private func details(_ writer: inout JSONWriter, recipient: String, time: Timestamp) {
        writer.member("timestamp", time.description)
        switch self {
        case .delivery:
            writer.member("recipients", [recipient])
            writer.member("smtpResponse", "250 2.6.0 Message received")
        case .hardBounce(let subType):
            bounce(
                &writer, type: "Permanent", subType: subType, recipient: recipient, status: "5.1.1",
                diagnostic: "smtp; 550 5.1.1 user unknown")
        case .softBounce:
            bounce(
                &writer, type: "Transient", subType: "MailboxFull", recipient: recipient, status: "4.2.2",
                diagnostic: "smtp; 452 4.2.2 mailbox full")
        case .complaint:
            writer.member("complaintFeedbackType", "abuse")
            writer.member("complainedRecipients") { writer in
                writer.array { writer in writer.object { $0.member("emailAddress", recipient) } }
            }
        }
    }

    private func bounce(
        _ writer: inout JSONWriter, type: String, subType: String, recipient: String, status: String, diagnostic: String
    ) {
        writer.member("bounceType", type)
        writer.member("bounceSubType", subType)
        writer.member("bouncedRecipients") { writer in
            writer.array { writer in
                writer.object { writer in
                    writer.member("emailAddress", recipient)
                    writer.member("action", "failed")
                    writer.member("status", status)
                    writer.member("diagnosticCode", diagnostic)
                }
            }
        }
    }
}
