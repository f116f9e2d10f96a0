import Feedback
import Logging
import MailModel
import Storage
import TestSupport

let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

/// An event about a message, in the configuration set's shape.
struct TestEvent: Sendable {
    var type: String
    /// The members of the object that says what happened.
    var object: String
    var messageID: String? = "m-1"
    var source = "sender@example.com"
    var destinations = ["r@example.com"]
    /// The member that has the type, which differs between SES's two shapes.
    var shape = "eventType"
    /// Our id, where the event carries it as a tag.
    var id: EmailID?

    /// The key of the object in the event.
    private var key: String {
        switch type {
        case "Rendering Failure": "failure"
        case "DeliveryDelay": "deliveryDelay"
        default: type.lowercased()
        }
    }

    var bytes: [UInt8] {
        let messageID = messageID.map { #""messageId":"\#($0)","# } ?? ""
        let tags = id.map { #""tags":{"martlet-id":["\#($0)"]},"# } ?? ""
        let destinations = destinations.map { "\"\($0)\"" }.joined(separator: ",")
        let text = """
            {"\(shape)":"\(type)","mail":{\(messageID)\(tags)"source":"\(source)","destination":[\(destinations)]},"\(key)":{\(object)}}
            """
        return Array(text.utf8)
    }

    static func bounce(_ type: String = "Permanent", subType: String = "General", of recipients: [String] = ["r@example.com"]) -> TestEvent
    {
        let list = recipients.map { #"{"emailAddress":"\#($0)","diagnosticCode":"smtp; 550 \#($0)"}"# }.joined(separator: ",")
        return TestEvent(type: "Bounce", object: #""bounceType":"\#(type)","bounceSubType":"\#(subType)","bouncedRecipients":[\#(list)]"#)
    }

    static func complaint(_ feedbackType: String = "abuse", of recipient: String = "r@example.com") -> TestEvent {
        TestEvent(
            type: "Complaint",
            object: #""complaintFeedbackType":"\#(feedbackType)","complainedRecipients":[{"emailAddress":"\#(recipient)"}]"#)
    }

    static let send = TestEvent(type: "Send", object: "")
    static let delivery = TestEvent(type: "Delivery", object: #""recipients":["r@example.com"],"smtpResponse":"250 ok""#)
    static let open = TestEvent(type: "Open", object: #""userAgent":"Mozilla/5.0""#)
    static let click = TestEvent(type: "Click", object: #""link":"https://example.com/a""#)
    static let automatedOpen = TestEvent(type: "Open", object: #""isBotEvent":"Likely""#)
    static let automatedClick = TestEvent(type: "Click", object: #""isBotEvent":"Likely","link":"https://example.com/a""#)
    static let delay = TestEvent(type: "DeliveryDelay", object: #""delayType":"MailboxFull""#)
    static let reject = TestEvent(type: "Reject", object: #""reason":"Bad content""#)

    /// The same event, about another recipient.
    func to(_ address: String) -> TestEvent {
        var event = self
        event.object = object.replacing("r@example.com", with: address)
        event.destinations = [address]
        return event
    }

    /// The same event, about another message.
    func about(_ messageID: String?, id: EmailID? = nil) -> TestEvent {
        var event = self
        event.messageID = messageID
        event.id = id
        return event
    }
}

extension Store {
    /// Inserts an email of a domain as it is after SES has accepted it as `messageID`, or before SES's answer is recorded.
    func makeEmail(
        of domain: SendingDomain, to recipient: String = "r@example.com", messageID: String? = nil,
        change: @escaping @Sendable (inout Email) -> Void = { _ in }
    ) async throws -> Email {
        try await write { tx in
            var email = Email(
                id: EmailID(at: tx.now), accountID: domain.accountID, userName: "acme", operatorName: "ops", domainID: domain.id,
                sender: EmailAddress(validated: "sender@\(domain.name)"), recipient: EmailAddress(validated: recipient), status: .queued,
                externalID: nil, clientID: nil, createdAt: tx.now, updatedAt: tx.now,
                content: EmailContent(subject: "Hello", text: "Hello"))
            change(&email)
            try tx.emails.insert(email, dueAt: tx.now)
            if let messageID { try tx.sesMessages.insert(messageID, of: email.id) }
            return email
        }
    }

    func status(of email: Email) async throws -> EmailStatus? {
        try await read { try $0.emails.find(email.id)?.status }
    }

    func timeline(of email: Email) async throws -> [TimelineEntry] {
        try await read { try $0.timeline.list(of: email) }
    }

    func domain(_ name: String) async throws -> SendingDomain {
        let domain = try await read { try $0.domains.find(named: DomainName(validated: name)) }
        guard let domain else { throw StorageError.malformed("no \(name)") }
        return domain
    }

    func isSuppressed(_ address: String, for domain: SendingDomain) async throws -> Bool {
        let address = try EmailAddress(address)
        return try await read {
            try $0.suppressions.isSuppressed(address, accountID: domain.accountID, sender: EmailAddress(validated: "sender@\(domain.name)"))
        }
    }

    /// Deletes the events that wait for an email by SES's id of it, and returns how many there were.
    func drainWaiting(_ messageID: String) async throws -> Int {
        try await write { try $0.unmatchedEvents.drain(messageID: messageID).count }
    }
}

/// Runs a test with a store, a domain `example.com` that has sent `sent` emails, and the service.
@discardableResult
func withFeedback<Value>(
    sent: Int64 = 1000, guillotine: Guillotine = Guillotine(), rules: FeedbackRules = FeedbackRules(), clock: TestClock = TestClock(),
    _ body: (FeedbackService, Store, SendingDomain) async throws -> Value
) async throws -> Value {
    try await withStore(clock: clock) { store in
        let domain = try await store.makeDomain("example.com") { $0.counters.sentThisMonth = sent }
        let service = FeedbackService(store: store, guillotine: guillotine, rules: rules, logger: silent)
        return try await body(service, store, domain)
    }
}
