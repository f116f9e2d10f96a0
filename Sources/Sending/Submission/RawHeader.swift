import MIME
import MailModel

/// What the header of a raw message says of its sender and subject, and which of its fields go no further.
enum RawHeader {
    /// The sender: the one mailbox of the one `From` field.
    ///
    /// RFC 5322 section 3.6.2 allows several mailboxes; with several, receivers do not agree on whose policy holds (RFC 7489 section 6.6.1), and an email
    /// counts for one domain.
    static func from(_ message: RawMessage, replacedBy replacement: String?) throws(Refusal) -> Mailbox {
        if let replacement { return try RequestField("from").mailbox(replacement) }
        let values = message.values(of: "from")
        guard let value = values.first, values.count == 1 else {
            throw badFrom("expected one From field in the header, found \(values.count)")
        }
        let mailboxes = try mailboxes(value, of: "From")
        guard mailboxes.count == 1, let mailbox = mailboxes.first else {
            throw badFrom("expected one mailbox in the header's From, found \(mailboxes.count)")
        }
        return try self.mailbox(mailbox)
    }

    /// The `Sender` (RFC 5322 section 3.6.2), which programs show beside `From`; `nil` where there is none.
    static func sender(_ message: RawMessage) throws(Refusal) -> EmailAddress? {
        let values = message.values(of: "sender")
        guard let value = values.first else { return nil }
        let mailboxes = try mailboxes(value, of: "Sender")
        guard values.count == 1, mailboxes.count == 1, let mailbox = mailboxes.first else {
            throw badFrom("expected one mailbox in the header's Sender")
        }
        return try self.mailbox(mailbox).address
    }

    /// The domain in `From`, of a message that was checked.
    static func domain(of message: RawMessage) -> String {
        (try? from(message, replacedBy: nil))?.address.domain.description ?? "localhost"
    }

    /// The subject for lists and pages: decoded, in one line, of at most as many bytes as other subjects.
    static func subject(of message: RawMessage) -> String {
        let text = MessagePreview.subject(of: message).unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        var subject = String(String.UnicodeScalarView(text))
        while subject.utf8.count > ValidatedEmail.Limits.subject {
            subject = String(subject.prefix(subject.count - max(1, (subject.utf8.count - ValidatedEmail.Limits.subject) / 8)))
        }
        return subject
    }

    /// Whether a field is taken out: it is for the servers on the way, for this service, or controls SES or another relay.
    ///
    /// - Parameter name: in lower case.
    static func isRemoved(_ name: String) -> Bool {
        removed.contains(name) || CustomHeader.controlsRelay(name)
    }

    private static let removed =
        Set(["bcc", "resent-bcc", "return-path", "x-martlet-id"]).union(RawInstructions.Name.allCases.map(\.rawValue))

    private static func mailboxes(_ value: String, of field: String) throws(Refusal) -> [MailboxList.Mailbox] {
        do throws(MailboxList.Malformed) {
            return try MailboxList.parse(value)
        } catch {
            throw badFrom("the header's \(field) cannot be read: \(error)")
        }
    }

    private static func mailbox(_ mailbox: MailboxList.Mailbox) throws(Refusal) -> Mailbox {
        do {
            let address = try EmailAddress(mailbox.address)
            let name = mailbox.name.flatMap { Mailbox.fault(ofName: $0) == nil ? $0 : nil }
            return Mailbox(name: name, address: address)
        } catch {
            throw badFrom("\(error)")
        }
    }

    private static func badFrom(_ explanation: String) -> Refusal {
        Refusal(.badFrom, field: "from", "from: \(explanation)")
    }
}

/// The recipients of a raw message, each once.
struct RawRecipients {
    private(set) var first: EmailAddress
    private(set) var copies: [ValidatedEmail.Copy] = []

    /// Validates the recipients of the envelope; those in the header where there are none.
    ///
    /// A recipient whom `To` or `Cc` names is a copy that all see, any other one that nobody sees.
    init(_ envelope: [String], _ message: RawMessage) throws(Refusal) {
        let recipients = envelope.isEmpty ? try Self.addresses(in: ["to", "cc", "bcc"], of: message) : envelope
        guard (1...RawSubmission.maximumRecipients).contains(recipients.count) else {
            throw .invalid("to", "expected 1 to \(RawSubmission.maximumRecipients) recipients, found \(recipients.count)")
        }
        let shown = Set((try? Self.addresses(in: ["to", "cc"], of: message).compactMap { try? EmailAddress($0).suppressionKey }) ?? [])
        var seen: Set<String> = []
        var addresses: [EmailAddress] = []
        for (index, text) in recipients.enumerated() {
            let address = try RequestField(recipients.count == 1 ? "to" : "to[\(index)]").address(text)
            if seen.insert(address.suppressionKey).inserted { addresses.append(address) }
        }
        first = addresses[0]
        copies = addresses.dropFirst().map { address in
            ValidatedEmail.Copy(
                address: address, name: nil, kind: shown.contains(address.suppressionKey) ? .cc : .bcc, field: address.description)
        }
    }

    private static func addresses(in fields: [String], of message: RawMessage) throws(Refusal) -> [String] {
        var addresses: [String] = []
        for value in fields.flatMap(message.values) {
            do throws(MailboxList.Malformed) {
                addresses += try MailboxList.parse(value).map(\.address)
            } catch {
                throw .invalid("to", "the recipients in the header cannot be read: \(error)")
            }
        }
        return addresses
    }
}
