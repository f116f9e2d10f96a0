import JSON

/// The content of a message of a queue: SES's event without what SNS or EventBridge has put around it.
///
/// Nothing in it is verified. What is in the queue is believed, because the queue's access policy says who may put something there
/// (specification 4.7).
enum QueueBody: Sendable, Equatable {
    /// SES's event, in JSON.
    ///
    /// - Parameter notification: SNS's `MessageId`; `nil` where SNS delivers raw messages, or is not on the way.
    case event([UInt8], notification: String?)
    /// The sentence with which SES or EventBridge tries a new destination: nothing to do.
    case trial

    /// Why a body is none of these: a sentence.
    struct Unreadable: Error, Equatable {
        let explanation: String
    }

    /// The beginning of SES's test message, which is no JSON.
    static let greeting = "Successfully validated SNS topic"

    /// Reads the body of a message.
    init(parsing text: String) throws(Unreadable) {
        if text.hasPrefix(Self.greeting) {
            self = .trial
            return
        }
        let document = try Self.object(text)
        guard let kind = document["Type"]?.stringValue, let message = document["Message"]?.stringValue else {
            self = .event(try Self.event(document, text: text), notification: nil)
            return
        }
        guard kind == "Notification" else {
            throw Unreadable(
                explanation: "SNS sent a \(kind.prefix(40)): subscribe the queue from the queue's own account, or confirm by SubscribeURL.")
        }
        guard let id = document["MessageId"]?.stringValue, !id.isEmpty, id.utf8.count <= 200 else {
            throw Unreadable(explanation: "The notification of SNS has no MessageId.")
        }
        self = message.hasPrefix(Self.greeting) ? .trial : .event(try Self.event(Self.object(message), text: message), notification: id)
    }

    private static func object(_ text: String) throws(Unreadable) -> JSONObject {
        guard text.utf8.count <= SESEvent.maximumBytes else { throw Unreadable(explanation: "The message is too long.") }
        guard let document = try? JSONValue.parseLeniently(text.utf8) else { throw Unreadable(explanation: "The message is no JSON.") }
        guard let object = document.objectValue else {
            throw Unreadable(explanation: "The message is \(document.kind), not a JSON object.")
        }
        return object
    }

    /// Returns the event, which EventBridge puts into `detail` (EventBridge user guide, "AWS service event metadata").
    private static func event(_ document: JSONObject, text: String) throws(Unreadable) -> [UInt8] {
        if isEvent(document) { return Array(text.utf8) }
        if document["detail-type"]?.stringValue != nil, let detail = document["detail"] {
            guard let event = detail.objectValue, isEvent(event) else {
                throw Unreadable(explanation: "The event of EventBridge has no event of SES in detail.")
            }
            return JSONValue.object(event).serialized
        }
        throw Unreadable(explanation: "The message is no event of SES, of SNS or of EventBridge.")
    }

    private static func isEvent(_ object: JSONObject) -> Bool {
        object["eventType"]?.stringValue != nil || object["notificationType"]?.stringValue != nil
    }
}
