import JSON
import MailModel

/// The JSON body of a callback (specification 7.1; `docs/callbacks.md`).
enum CallbackBody {
    /// Returns the body's bytes.
    ///
    /// - Parameters:
    ///   - email: the email that the event is about; `nil` where it is about the account.
    ///   - userName: the account's reference.
    static func make(_ claim: CallbackDelivery, _ event: CallbackEvent, email: Email?, userName: String) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 1024)
        writer.object { object in
            if let email {
                write(event, of: email, eventID: claim.eventID, to: &object)
            } else {
                object.member("eventId", claim.eventID.description)
                object.member("event", event.name)
                write(event.at, to: &object)
                object.member("username", userName)
                if let domain = event.domain { object.member("domain", domain.description) }
            }
            object.member("callback", claim.url)
            object.member("explain", event.explanation)
            // Of a notice only where there are figures.
            if email != nil || event.details != nil {
                object.member("details", event.details.flatMap { try? JSONValue.parse($0.utf8) } ?? .object(JSONObject()))
            }
        }
        return writer.bytes
    }

    private static func write(_ event: CallbackEvent, of email: Email, eventID: CallbackID, to object: inout JSONWriter) {
        object.member("id", email.id.description)
        object.member("eventId", eventID.description)
        object.member("status", event.name)
        object.member("previousStatus", event.previousStatus?.rawValue)
        write(event.at, to: &object)
        object.member("from", email.sender.description)
        object.member("to", email.recipient.description)
        object.member("subject", email.content.subject)
        object.member("externalId", email.externalID)
        object.member("clientId", email.clientID)
        object.member("alias", email.content.alias)
        if let name = email.content.fromName { object.member("fromName", name) }
        object.member("username", email.userName)
        object.member("operator", email.operatorName)
    }

    private static func write(_ time: Timestamp, to object: inout JSONWriter) {
        object.member("date", time.description)
        object.member("timestamp", time.milliseconds)
    }
}
