import JSON
import MailModel

extension SESEvent {
    /// Why a text is no event: a sentence.
    struct Malformed: Error, Equatable {
        let explanation: String
    }

    /// SNS carries 256 KiB at the most, SQS a megabyte.
    static let maximumBytes = 2 << 20

    /// Reads an event.
    ///
    /// Strict in nothing but that it is a JSON object: what is missing or strange is left out, so that what is wrong in a part costs that
    /// part and not the bounce. Texts written by strangers (a subject, a server's answer) stand in every event.
    init(parsing bytes: [UInt8]) throws(Malformed) {
        guard bytes.count <= Self.maximumBytes else { throw Malformed(explanation: "The event is longer than \(Self.maximumBytes) bytes.") }
        let document: JSONValue
        do {
            document = try JSONValue.parseLeniently(bytes)
        } catch {
            throw Malformed(explanation: "The event is no JSON: \(error)")
        }
        guard let root = document.objectValue else { throw Malformed(explanation: "The event is \(document.kind), not a JSON object.") }
        self.init(root)
    }

    private init(_ root: JSONObject) {
        let newType = root.text("eventType", orNumber: false)
        shape = newType == nil ? .identityFeedback : .configurationSet
        type = newType ?? root.text("notificationType", orNumber: false) ?? "unknown"
        let mail = root["mail"]?.objectValue ?? JSONObject()
        self.mail = Mail(mail)
        guard let eventType = EventType(type: type) else {
            (kind, recipients, at, words) = (.other, [], nil, JSONObject())
            return
        }
        let object = root[eventType.object]?.objectValue ?? JSONObject()
        kind = Kind(eventType, object)
        recipients = eventType.recipients.flatMap { object[$0] }.map(Recipient.list) ?? []
        at = object.time("timestamp") ?? mail.time("timestamp")
        words = object.words(eventType.words)
    }
}

extension SESEvent.Kind {
    fileprivate init(_ kind: SESEvent.EventType, _ object: JSONObject) {
        self =
            switch kind {
            case .send: .send
            case .delivery: .delivery
            case .bounce: .bounce(Bounce(type: object.text("bounceType"), subType: object.text("bounceSubType")))
            case .complaint:
                .complaint(Complaint(feedbackType: object.text("complaintFeedbackType"), subType: object.text("complaintSubType")))
            case .reject: .reject
            case .open: .open(by: SESEvent.Opener(object))
            case .click: .click(by: SESEvent.Opener(object))
            case .deliveryDelay: .deliveryDelay
            case .renderingFailure: .renderingFailure
            case .subscription: .subscription
            }
    }
}

extension SESEvent.Opener {
    /// Reads `isBotEvent`: `Likely`, `Unlikely`, or nothing where SES does not say. (Amazon SES, "Automated email interactions", 2026.)
    fileprivate init(_ object: JSONObject) {
        self = object.text("isBotEvent")?.lowercased() == "likely" ? .machine : .person
    }
}

extension SESEvent.Mail {
    /// The tag and the header that carry our id.
    private static let tag = "martlet-id"
    private static let header = "x-martlet-id"

    fileprivate init(_ mail: JSONObject) {
        messageID = mail.text("messageId")
        let address = mail.text("source")
        source = address.flatMap(EmailAddress.init(mailbox:))
        sourceDomain = source?.domain ?? address.flatMap(DomainName.init(ofMailbox:))
        sentAt = mail.time("timestamp")
        destinations = mail["destination"].map(SESEvent.Recipient.list) ?? []
        let tagged = mail["tags"]?.objectValue?[Self.tag]
        let tag = tagged?.stringValue ?? tagged?.arrayValue?.first?.stringValue
        claimedID = tag.flatMap(EmailID.init) ?? Self.header(in: mail["headers"]).flatMap(EmailID.init)
    }

    private static func header(in headers: JSONValue?) -> String? {
        let header = headers?.arrayValue?.first { $0.objectValue?.text("name")?.lowercased() == Self.header }
        return header?.objectValue?.text("value")
    }
}

extension SESEvent.Recipient {
    /// SES's limit for the recipients of one message is 50.
    ///
    /// More than this is no event of SES.
    private static let maximumCount = 1000

    /// Reads the texts, or the objects with an `emailAddress`, of an array; each address once.
    fileprivate static func list(_ value: JSONValue) -> [SESEvent.Recipient] {
        var seen: Set<String> = []
        // One alone may stand without the array.
        return (value.arrayValue ?? [value]).prefix(maximumCount).compactMap { element in
            let object = element.objectValue
            guard let text = element.stringValue ?? object?.text("emailAddress") else { return nil }
            let address = EmailAddress(mailbox: text)
            guard seen.insert(address?.suppressionKey ?? text.lowercased()).inserted else { return nil }
            return SESEvent.Recipient(address: address, words: object?.words(SESEvent.EventType.recipientWords) ?? JSONObject())
        }
    }
}

extension EmailAddress {
    /// Reads an address that may have a name before it, `Jane Doe <jane@example.com>`: SES repeats what it was given.
    fileprivate init?(mailbox text: String) {
        do throws(Invalid) {
            self = try EmailAddress(Self.bare(text))
        } catch {
            return nil
        }
    }

    /// The address without the name before it and the blanks around it.
    fileprivate static func bare(_ mailbox: String) -> String {
        let text = mailbox.unicodeScalars.trimmed
        guard text.last == ">", let bracket = text.lastIndex(of: "<") else { return String(text) }
        return String(text[text.index(after: bracket)...].dropLast().trimmed)
    }
}

extension DomainName {
    /// The domain of an address whose local part cannot be read, as a UTF-8 one.
    fileprivate init?(ofMailbox text: String) {
        let address = EmailAddress.bare(text)
        guard let at = address.lastIndex(of: "@") else { return nil }
        do throws(Invalid) {
            self = try DomainName(String(address[address.index(after: at)...]))
        } catch {
            return nil
        }
    }
}

extension BidirectionalCollection<Unicode.Scalar> {
    fileprivate var trimmed: SubSequence {
        var rest = self[...]
        while rest.first?.properties.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.properties.isWhitespace == true { rest = rest.dropLast() }
        return rest
    }
}

extension JSONObject {
    /// The most of a text that is kept: diagnostic codes and user agents are written by strangers.
    private static let longestText = 1000

    /// A text that is not empty, or a whole number as text; shortened, and without NUL, which PostgreSQL cannot store.
    fileprivate func text(_ name: String, orNumber: Bool = true) -> String? {
        let value = self[name]
        guard var text = value?.stringValue ?? (orNumber ? value?.integerValue.map { String($0) } : nil) else { return nil }
        if text.utf8.count > Self.longestText || text.utf8.contains(0) {
            text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.longestText).filter { $0 != "\0" }))
        }
        return text.isEmpty ? nil : text
    }

    /// A time as RFC 3339, or in seconds or milliseconds since 1970.
    fileprivate func time(_ name: String) -> Timestamp? {
        guard let text = text(name) else { return nil }
        if let number = Int64(text) {
            return (0..<Self.latestSeconds).contains(number)
                ? Timestamp(milliseconds: number * 1000)
                : (Self.latestSeconds..<Self.latestSeconds * 1000).contains(number) ? Timestamp(milliseconds: number) : nil
        }
        return Timestamp(rfc3339: String(text.unicodeScalars.trimmed))
    }

    /// In the year 2286; milliseconds of that number are in 1970.
    private static let latestSeconds: Int64 = 10_000_000_000

    /// The members of these names that are texts or numbers.
    fileprivate func words(_ names: [String]) -> JSONObject {
        names.reduce(into: JSONObject()) { words, name in
            if let number = self[name]?.integerValue {
                words[name] = .number(JSONNumber(number))
            } else if let text = text(name) {
                words[name] = .string(text)
            }
        }
    }
}
