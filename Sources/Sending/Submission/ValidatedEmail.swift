import MIME
import MailModel

/// A request whose every value is valid.
struct ValidatedEmail: Sendable {
    var recipient: EmailAddress
    var sender: EmailAddress
    var externalID: String?
    var clientID: String?
    var content: EmailContent
    /// Who else is to get it.
    var copies: [Copy]
    /// The bytes of what the content says is attached.
    var files: [[UInt8]]

    struct Copy {
        var address: EmailAddress
        var kind: EmailCopy.Kind
        /// Where it stands in the request.
        var field: String
    }

    /// Every recipient, and where it stands in the request.
    var places: [(address: EmailAddress, field: String)] {
        [(recipient, "to")] + copies.map { ($0.address, $0.field) }
    }

    /// The variables that have no value: nothing is sent then.
    var missing: [String]
    /// What the sender should know, though nothing is wrong.
    var note: String?

    /// - Parameters:
    ///   - template: what the request names, where that is one.
    ///   - now: what lies before is sent at once.
    init(
        _ request: EmailRequest, _ template: EmailTemplate? = nil, at now: Timestamp, limits: SubmissionLimits
    ) throws(SubmissionRefusal) {
        let texts = try FilledTexts(request, template, largest: limits.textBytes)
        missing = texts.missing
        recipient = try Self.address(request.to, in: "to")
        sender = try Self.address(request.from, in: "from")
        externalID = try label(request.externalID, in: "externalId", upTo: Limits.identifier)
        clientID = try label(request.clientID, in: "clientId", upTo: Limits.identifier)
        content = EmailContent(
            subject: try header(texts.subject, in: "subject", upTo: Limits.subject),
            text: try text(texts.text, in: "text"),
            html: try optional(texts.html) { value throws(SubmissionRefusal) in try text(value, in: "html") },
            alias: try label(request.alias, in: "alias", upTo: Limits.identifier),
            unsubscribeText: try label(request.unsubscribeText, in: "unsubscribeMsg", upTo: Limits.identifier),
            callbacks: try list(request.callbacks, in: "callbacks", upTo: Limits.callbacks, callback),
            replyTo: try list(request.replyTo, in: "replyTo", upTo: Limits.replyTo, Self.address),
            headers: try headers(request.headers),
            tags: try list(request.tags, in: "tags", upTo: Limits.tags) { value, field throws(SubmissionRefusal) in
                try header(value, in: field, upTo: Limits.tag)
            },
            sendAt: try optional(request.sendAt) { text throws(SubmissionRefusal) in
                try time(text, in: "sendAt", atMost: now + limits.farthestSchedule)
            },
            list: try request.list.map(ValidatedSubscription.list))
        content.category = request.category
        content.isPlainText = texts.isPlain
        if let sendAt = content.sendAt, sendAt <= now {
            note = "sendAt: \(sendAt) has passed, the email is sent at once"
            content.sendAt = nil
        }
        copies = try Self.copies(of: request, to: recipient)
        let attached = try ValidatedAttachments(request.attachments, limits: limits)
        content.attachments = attached.attachments
        files = attached.files
        try limits.check(content)
    }

    /// How much of everything an email may have; lengths in bytes of UTF-8.
    enum Limits {
        static let subject = 998
        static let identifier = 256
        static let callbacks = 10
        static let replyTo = 10
        /// With the one in `to` as many as SES takes in one message.
        static let copies = 49
        static let attachments = 50
        static let filename = 255
        static let headers = 50
        static let tags = 50
        static let tag = 128
    }
}

extension ValidatedEmail {
    /// The recipients in `cc` and `bcc`. One that is named twice is refused: whether it was meant to get two messages is not ours to guess.
    private static func copies(of request: EmailRequest, to recipient: EmailAddress) throws(SubmissionRefusal) -> [Copy] {
        let count = request.cc.count + request.bcc.count
        guard count <= Limits.copies else {
            throw SubmissionRefusal(
                .invalid, field: request.bcc.isEmpty ? "cc" : "bcc",
                "cc, bcc: expected at most \(Limits.copies) addresses in all, found \(count)")
        }
        var places = [recipient.suppressionKey: "to"]
        var copies: [Copy] = []
        for (kind, values) in [(EmailCopy.Kind.cc, request.cc), (.bcc, request.bcc)] {
            for (index, value) in values.enumerated() {
                let field = "\(kind.rawValue)[\(index)]"
                let address = try address(value, in: field)
                if let place = places.updateValue(field, forKey: address.suppressionKey) {
                    throw SubmissionRefusal(.invalid, field: field, "\(field): the address stands in \(place) already")
                }
                copies.append(Copy(address: address, kind: kind, field: field))
            }
        }
        return copies
    }

    static func address(_ value: String, in field: String) throws(SubmissionRefusal) -> EmailAddress {
        do {
            return try EmailAddress(value)
        } catch {
            throw SubmissionRefusal(.invalid, field: field, "\(field): \(error)")
        }
    }
}

/// Text for a header field or an identifier: no control characters, bounded.
func header(_ value: String, in field: String, upTo limit: Int) throws(SubmissionRefusal) -> String {
    do {
        try HeaderText.check(value, in: field)
    } catch {
        throw SubmissionRefusal(.invalid, field: field, error.description)
    }
    guard value.utf8.count <= limit else {
        throw SubmissionRefusal(.invalid, field: field, "\(field): expected at most \(limit) bytes, found \(value.utf8.count)")
    }
    return value
}

private func label(_ value: String?, in field: String, upTo limit: Int) throws(SubmissionRefusal) -> String? {
    guard let value, !value.isEmpty else { return nil }
    return try header(value, in: field, upTo: limit)
}

/// A body. NUL cannot be stored by every database and stands in no legal message (RFC 5322 section 4).
func text(_ value: String, in field: String) throws(SubmissionRefusal) -> String {
    guard !value.utf8.contains(0) else {
        throw SubmissionRefusal(.invalid, field: field, "\(field): the character U+0000 is not allowed")
    }
    return value
}

private func optional<Value, Checked>(
    _ value: Value?, _ check: (Value) throws(SubmissionRefusal) -> Checked
) throws(SubmissionRefusal) -> Checked? {
    guard let value else { return nil }
    return try check(value)
}

private func list<Value>(
    _ values: [String], in field: String, upTo limit: Int, _ check: (String, String) throws(SubmissionRefusal) -> Value
) throws(SubmissionRefusal) -> [Value] {
    guard values.count <= limit else {
        throw SubmissionRefusal(.invalid, field: field, "\(field): expected at most \(limit) entries, found \(values.count)")
    }
    var checked: [Value] = []
    for (index, value) in values.enumerated() {
        checked.append(try check(value, "\(field)[\(index)]"))
    }
    return checked
}

private func time(_ value: String, in field: String, atMost latest: Timestamp) throws(SubmissionRefusal) -> Timestamp {
    guard let time = Timestamp(rfc3339: value) else {
        throw SubmissionRefusal(
            .invalid, field: field, "\(field): expected an RFC 3339 time with its offset, such as 2026-01-31T09:00:00+01:00")
    }
    guard time <= latest else {
        throw SubmissionRefusal(.invalid, field: field, "\(field): expected \(latest) at the latest, found \(time)")
    }
    return time
}

private func callback(_ value: String, in field: String) throws(SubmissionRefusal) -> String {
    guard CallbackURL.read(value) != nil else {
        throw SubmissionRefusal(
            .invalid, field: field,
            "\(field): expected a URL of at most \(CallbackURL.maximumLength) characters that begins with https:// or http:// and has a host"
        )
    }
    return value
}

private func headers(_ fields: [EmailContent.HeaderField]) throws(SubmissionRefusal) -> [EmailContent.HeaderField] {
    guard fields.count <= ValidatedEmail.Limits.headers else {
        throw SubmissionRefusal(
            .invalid, field: "headers", "headers: expected at most \(ValidatedEmail.Limits.headers) entries, found \(fields.count)")
    }
    for field in fields {
        do {
            try CustomHeader.check(name: field.name, value: field.value)
        } catch {
            throw SubmissionRefusal(.invalid, field: "headers", "headers: \(error)")
        }
    }
    return fields
}
