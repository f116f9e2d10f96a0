import Database
import JSON
import MailModel

/// The columns of a delivery, and how they are read and written.
enum CallbackRow {
    static let columns = "id, account_id, event_id, email_id, url, status, attempts, due_at"
    static let columnCount = 8
    static let select = "SELECT \(columns) FROM callback_deliveries"

    static let insertion = Insertion(
        into: "callback_deliveries",
        [
            "id", "account_id", "lane_id", "email_id", "number", "endpoint_id", "event_id", "url", "event", "status", "failures",
            "attempts", "due_at",
        ])

    static func decode(_ row: any DatabaseRow) throws -> CallbackDelivery {
        CallbackDelivery(
            id: try row.id(0), accountID: row.integer(1), eventID: try row.id(2),
            emailID: row.isNull(3) ? nil : try row.emailID(3), url: row.text(4), status: try row.choice(5),
            attempts: try attempts(row.text(6)), nextAttemptAt: row.timestamp(7))
    }

    /// The attempts as one JSON array: `[[at, httpStatus, error], …]`.
    static func text(of attempts: [CallbackAttempt]) -> String {
        var writer = JSONWriter()
        writer.array { array in
            for attempt in attempts.suffix(CallbackAttempt.keptCount) {
                array.array { fields in
                    fields.value(attempt.at.milliseconds)
                    fields.value(attempt.httpStatus)
                    fields.value(attempt.error)
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func attempts(_ text: String) throws -> [CallbackAttempt] {
        guard let items = try? JSONValue.parse(text.utf8).arrayValue else { throw StorageError.malformed("callback_deliveries.attempts") }
        return items.compactMap { item in
            guard let fields = item.arrayValue, fields.count == 3, let at = fields[0].integerValue else { return nil }
            return CallbackAttempt(
                at: Timestamp(milliseconds: at), httpStatus: fields[1].integerValue.map { Int($0) }, error: fields[2].stringValue)
        }
    }
}

extension CallbackEvent {
    /// The event as JSON, as it is stored until the callback's body is made of it.
    var stored: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("name", name)
            object.member("at", at.milliseconds)
            if let previousStatus { object.member("previousStatus", previousStatus.rawValue) }
            if let domain { object.member("domain", domain.description) }
            if let explanation { object.member("explain", explanation) }
            // A string that holds JSON: it is parsed only where the body is made.
            if let details { object.member("details", details) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Reads the event from what ``stored`` made.
    init(stored text: String) throws(StorageError) {
        guard let object = try? JSONValue.parse(text.utf8).objectValue, let name = object["name"]?.stringValue,
            let at = object["at"]?.integerValue
        else { throw .malformed("callback_deliveries.event") }
        self.init(
            name: name, previousStatus: object["previousStatus"]?.stringValue.flatMap(EmailStatus.init(rawValue:)),
            at: Timestamp(milliseconds: at), domain: object["domain"]?.stringValue.map(DomainName.init(validated:)),
            explanation: object["explain"]?.stringValue, details: object["details"]?.stringValue)
    }
}

/// The columns of an endpoint, and how they are read.
enum CallbackEndpointRow {
    static let columns = "id, account_id, url, events, active, created_at, kind"

    static func decode(_ row: any DatabaseRow) throws -> CallbackEndpoint {
        CallbackEndpoint(
            id: row.integer(0), accountID: row.integer(1), url: row.text(2), events: row.text(3).split(separator: ",").map(String.init),
            isActive: row.bool(4), kind: try row.choice(6), createdAt: row.requiredTimestamp(5))
    }
}
