import JSON
import MailModel

extension CallbackEvent {
    /// The event as it is stored, until the callback is made of it.
    var stored: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("name", name)
            object.member("at", at.milliseconds)
            if let previousStatus { object.member("previousStatus", previousStatus.rawValue) }
            if let domain { object.member("domain", domain.description) }
            if let explanation { object.member("explain", explanation) }
            // A string that holds JSON: it is read again only where the callback is made.
            if let details { object.member("details", details) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

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
