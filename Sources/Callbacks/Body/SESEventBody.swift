import JSON
import MailModel

/// The JSON body of a callback to an endpoint of the kind `ses`: the event as Amazon SES publishes it (specification 7.4).
///
/// Source: Amazon SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS". The `messageId` is the id by which the
/// API of SES answered: that of the email to the first recipient.
enum SESEventBody {
    /// Returns the body's bytes; `nil` where the receiver expects another form, or SES has no such event.
    ///
    /// - Parameter eventID: stands for SES's own id of the event where SES has given none.
    static func make(_ event: CallbackEvent, eventID: CallbackID, kind: CallbackEndpoint.Kind, email: Email?) -> [UInt8]? {
        guard kind == .ses, let email, let type = EmailStatus(rawValue: event.name)?.sesEventType else { return nil }
        let details = event.details.flatMap { try? JSONValue.parse($0.utf8).objectValue } ?? JSONObject()
        var writer = JSONWriter(reservingCapacity: 1024)
        writer.object { object in
            object.member("eventType", type)
            object.member("mail") { writeMail(of: email, to: &$0) }
            object.member(member(of: type)) { writer in
                writer.object { write(type, event, eventID, details, recipient: email.recipient, to: &$0) }
            }
        }
        return writer.bytes
    }

    /// The member that says what happened.
    private static func member(of type: String) -> String {
        type == "Rendering Failure" ? "failure" : type.lowercased()
    }

    private static func writeMail(of email: Email, to writer: inout JSONWriter) {
        let id = email.contentID.description
        writer.object { mail in
            mail.member("timestamp", email.createdAt.description)
            mail.member("source", email.sender.description)
            mail.member("messageId", id)
            mail.member("destination", [email.recipient.description])
            mail.member("headersTruncated", false)
            mail.member("commonHeaders") { writer in
                writer.object { headers in
                    headers.member("from", [email.sender.description])
                    headers.member("to", [(email.content.recipients?.to ?? email.recipient).description])
                    headers.member("messageId", id)
                    headers.member("subject", email.content.subject)
                }
            }
            mail.member("tags") { writer in
                writer.object { tags in
                    for (name, values) in tagValues(of: email) { tags.member(name, values) }
                }
            }
        }
    }

    /// The tags of the form `Name=Value`, as the API of SES makes them, in the order of their names.
    private static func tagValues(of email: Email) -> [(String, [String])] {
        var values: [String: [String]] = [:]
        for tag in email.content.tags {
            let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0]), default: []].append(String(parts[1])) }
        }
        return values.sorted { $0.key < $1.key }
    }

    private static func write(
        _ type: String, _ event: CallbackEvent, _ eventID: CallbackID, _ details: JSONObject, recipient: EmailAddress,
        to object: inout JSONWriter
    ) {
        // SES says no time of these.
        if !["Send", "Reject", "Rendering Failure"].contains(type) { object.member("timestamp", event.at.description) }
        for detail in details where !recipientWords.contains(detail.name) { object.member(detail.name, detail.value) }
        let explanation = event.explanation ?? event.name
        switch type {
        case "Bounce":
            if details["bounceType"] == nil {
                object.member("bounceType", event.name == EmailStatus.bouncedPermanent.rawValue ? "Permanent" : "Transient")
            }
            if details["bounceSubType"] == nil { object.member("bounceSubType", "General") }
            if details["feedbackId"] == nil { object.member("feedbackId", eventID.description) }
            writeRecipients("bouncedRecipients", recipient, details, to: &object)
        case "Complaint":
            if details["feedbackId"] == nil { object.member("feedbackId", eventID.description) }
            writeRecipients("complainedRecipients", recipient, JSONObject(), to: &object)
        case "Delivery": object.member("recipients", [recipient.description])
        case "Reject": if details["reason"] == nil { object.member("reason", explanation) }
        case "Rendering Failure": if details["errorMessage"] == nil { object.member("errorMessage", explanation) }
        default: break
        }
    }

    /// What SES says about a recipient, beside the address.
    private static let recipientWords = ["action", "status", "diagnosticCode"]

    private static func writeRecipients(_ name: String, _ recipient: EmailAddress, _ details: JSONObject, to object: inout JSONWriter) {
        object.member(name) { writer in
            writer.array { array in
                array.object { entry in
                    entry.member("emailAddress", recipient.description)
                    for word in recipientWords { if let value = details[word] { entry.member(word, value) } }
                }
            }
        }
    }
}
