import Crypto
import MIME
import MailModel

/// A raw message whose header was read: what it says to this service, and the bytes that are sent.
struct RawEmail: Sendable {
    private(set) var validated: ValidatedEmail
    private(set) var idempotencyKey: String?
    /// The `Message-ID` that it came with; `nil` where it had none.
    private(set) var messageID: String?

    /// The most servers that a message may have passed through (RFC 5321 section 6.3).
    private static let mostReceived = 100
    /// What is left of the provider's limit for the fields that are added for each recipient.
    private static let addedBytes = 2 << 10

    /// Reads and validates a message.
    ///
    /// - Parameters:
    ///   - id: of the email to the first recipient, for a missing `Message-ID`.
    ///   - now: the present time, for a missing `Date`.
    init(_ raw: RawSubmission, id: EmailID, at now: Timestamp, limits: SubmissionLimits) throws(Refusal) {
        try Self.check(size: raw.message.count, limits)
        let message = try Self.message(raw)
        guard message.values(of: "received").count <= Self.mostReceived else {
            throw .invalid("message", "more than \(Self.mostReceived) Received fields: the message goes round in circles")
        }
        var checks = FieldChecks()
        let from = checks.value { () throws(Refusal) in try RawHeader.from(message, replacedBy: raw.from) }
        let recipients = checks.value { () throws(Refusal) in try RawRecipients(raw.recipients, message) }
        let instructions = checks.value { () throws(Refusal) in try RawInstructions(raw, message) }
        let replyTo = checks.value { () throws(Refusal) in
            try RequestField("replyTo").list(raw.replyTo, upTo: ValidatedEmail.Limits.replyTo, RequestField.mailbox)
        }
        try checks.finish()
        guard let from, let recipients, let instructions, let replyTo else { throw Self.unreachable }
        idempotencyKey = instructions.idempotencyKey
        messageID = message.values(of: "message-id").first.flatMap { $0.isEmpty ? nil : $0 }
        let bytes = Self.rewritten(
            message, id: id, at: now, from: raw.from == nil ? nil : from, replyTo: replyTo)
        validated = ValidatedEmail(from: from, recipients, instructions, message, bytes)
        validated.content.trace = raw.trace
        validated.headerSender = try RawHeader.sender(message)
        try limits.check(validated.content)
    }

    private static let unreachable = Refusal(.unavailable, code: .internalError, "Internal server error")

    private static func check(size: Int, _ limits: SubmissionLimits) throws(Refusal) {
        guard size <= limits.rawBytes - addedBytes else {
            throw Refusal(
                .tooLarge, field: "message",
                "message: expected at most \(limits.rawBytes - addedBytes) bytes, found \(size)")
        }
    }

    private static func message(_ raw: RawSubmission) throws(Refusal) -> RawMessage {
        do throws(RawMessage.Fault) {
            return try RawMessage(raw.allowsBareLineFeeds ? RawMessage.withLineEnds(raw.message) : raw.message)
        } catch {
            throw .invalid("message", "\(error)")
        }
    }

    /// The bytes that are stored: without what is for servers and for this service, and with what the message lacks.
    private static func rewritten(
        _ message: RawMessage, id: EmailID, at now: Timestamp, from: Mailbox?, replyTo: [Mailbox]
    ) -> [UInt8] {
        var added = AddedFields()
        if !message.has("date") { added.addDate(now) }
        if let from { added.addMailboxes("From", [from]) }
        if !replyTo.isEmpty { added.addMailboxes("Reply-To", replyTo) }
        if !message.has("message-id") {
            let domain = from?.address.domain.description ?? RawHeader.domain(of: message)
            added.addMessageID("\(id)@\(domain)")
        }
        return message.rewritten(adding: added) { field in
            RawHeader.isRemoved(field.name) || (from != nil && field.name == "from") || (!replyTo.isEmpty && field.name == "reply-to")
        }
    }

    /// By what a repetition is known: a key for each recipient; none where the message had no `Message-ID`.
    func repetitionKeys(of principal: Principal) -> [EmailAddress: [UInt8]] {
        guard let messageID else { return [:] }
        let holder = principal.holderName
        return Dictionary(
            validated.recipients.map { recipient in
                let text = [holder, messageID, recipient.address.suppressionKey].joined(separator: "\0")
                return (recipient.address, Array(SHA256.hash(data: Array(text.utf8))))
            }, uniquingKeysWith: { first, _ in first })
    }
}

extension RawSubmission {
    /// A hash of the request: the same idempotency key with another one is a conflict.
    var fingerprint: [UInt8] {
        var hash = SHA256()
        let options = [from ?? "", externalID ?? "", clientID ?? "", category?.rawValue ?? ""]
        for part in recipients + [""] + options + replyTo + [""] + (callbacks ?? []) + [""] + (tags ?? []) {
            hash.update(data: Array(part.utf8) + [0])
        }
        hash.update(data: message)
        return Array(hash.finalize())
    }
}

extension ValidatedEmail {
    fileprivate init(
        from: Mailbox, _ recipients: RawRecipients, _ instructions: RawInstructions, _ message: RawMessage, _ bytes: [UInt8]
    ) {
        recipient = recipients.first
        sender = from.address
        externalID = instructions.externalID
        clientID = instructions.clientID
        copies = recipients.copies
        files = [bytes]
        missingVariables = []
        notes = []
        content = EmailContent(subject: RawHeader.subject(of: message), text: "")
        content.fromName = from.name
        content.callbacks = instructions.callbacks
        content.tags = instructions.tags
        content.category = instructions.category
        content.attachments = [Attachment(filename: "message.eml", contentType: "message/rfc822", size: bytes.count)]
        content.raw = RawContent(hasUnsubscribe: message.has("list-unsubscribe"))
    }
}
