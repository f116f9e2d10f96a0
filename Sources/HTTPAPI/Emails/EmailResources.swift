import Hummingbird
import JSON
import MailModel
import Sending
import Web

/// Emails as the API answers them (specification 5), without their text in lists, where it may be large.
enum EmailResources {
    /// An email with what is answered beside it.
    struct Shown {
        let email: Email
        /// The present statuses of the email's copies.
        let copies: [EmailID: EmailStatus]
        /// Empty where it is not answered.
        let timeline: [TimelineEntry]

        init(_ acceptance: Submission.Acceptance) {
            email = acceptance.email
            copies = acceptance.copies
            timeline = []
        }

        init(_ email: Email) {
            self.email = email
            copies = [:]
            timeline = []
        }

        init(_ found: SentEmails.Found) {
            email = found.email
            copies = found.copies
            timeline = found.timeline
        }
    }

    /// `data` of `POST /emails`, in the order of the specification, and the copies where there are any.
    static let accepted = Resource<Shown>("Email") {
        head
        text
        labels
        copies
    }

    /// An email in a list.
    static let summary = Resource<Shown>("EmailSummary") {
        head
        labels
        state
    }

    /// `data` of `GET /emails/{id}`.
    static let found = Resource<Shown>("EmailWithTimeline") {
        head
        text
        labels
        state
        copies
        Field.optionalList("attachments", of: attachment, "The files that are attached; absent where there are none.") {
            $0.email.content.attachments.isEmpty ? nil : $0.email.content.attachments
        }
        Field.list("timeline", of: timelineEntry, "What happened to the email, oldest first.") { $0.timeline }
    }
}

// MARK: Members

extension EmailResources {
    @FieldBuilder<Shown> private static var head: [Field<Shown>] {
        Field("id", .uuid, "The id of the email; ids sort by the time of acceptance.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11") {
            $0.email.id.description
        }
        Field(
            "to", .nullable(.email), "The address of the recipient; null once the recipient was erased.",
            example: "someone@customer.example"
        ) { $0.email.recipient.shown }
        Field.optional("erased", .boolean, "True once the recipient was erased; else absent.", example: true) {
            $0.email.recipient.isErased ? true : nil
        }
        Field("from", .email, "The address of the sender.", example: "news@shop.example") { $0.email.sender.description }
        Field.optional(
            "fromName", .string, "The display name of the sender: that of the request, or the domain's; absent without one.",
            example: "Shop of Ann"
        ) { $0.email.content.fromName }
        Field("userName", .string, "The account that sends it (partner_ref).", example: "acme") { $0.email.userName }
        Field("operator", .string, "The name of the key that sent it; `master` for the master token.", example: "Ann") {
            $0.email.operatorName
        }
    }

    private static let text = Field<Shown>(
        "text", .string,
        "The text as it is sent, with the values of the variables: plain, or HTML where it has a tag. A link to confirm is hidden.",
        example: "We have a new offer."
    ) { $0.email.content.text }

    @FieldBuilder<Shown> private static var labels: [Field<Shown>] {
        Field(
            "status", .words(EmailStatus.self),
            "Where the email stands: `QUEUED` or `SCHEDULED` at first, `SENT` when the provider has taken it, then what is reported.",
            example: "QUEUED"
        ) { $0.email.status.rawValue }
        Field("subject", .string, "The subject as it is sent, with the values of the variables.", example: "Our offer") {
            $0.email.content.subject
        }
        Field(
            "externalId", .nullable(.string), "The identifier of the campaign, as the request had it; null without one.",
            example: "summer-campaign"
        ) { $0.email.externalID }
        Field(
            "clientId", .nullable(.string), "The identifier of the recipient, as the request had it; null without one.", example: "48118112"
        ) { $0.email.clientID }
        Field(
            "callbacks", .array(.url), "The URLs of the request that are called at each change of status.",
            example: ["https://hooks.shop.example/status"]
        ) { $0.email.content.callbacks }
        Field(
            "alias", .nullable(.string), "The display name of the recipient, as `alias` or in `to`; null without one.", example: "New User"
        ) {
            $0.email.content.alias
        }
        Field.optional(
            "category", .words(EmailCategory.self), "What the email is for, as the request says; absent where it does not.",
            example: "marketing"
        ) { $0.email.content.category?.rawValue }
        Field.optional(
            "sendAt", .time, "The earliest time at which it is sent (UTC); absent for an email that is sent at once.",
            example: "2026-06-16T07:00:00.000Z"
        ) { $0.email.content.sendAt?.description }
    }

    @FieldBuilder<Shown> private static var state: [Field<Shown>] {
        Field("createdAt", .time, "When it was accepted (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.email.createdAt.description }
        Field("updatedAt", .time, "When its status last changed (UTC).", example: "2026-06-15T12:00:01.208Z") {
            $0.email.updatedAt.description
        }
        Field("attempts", .count, "How often it was handed to the provider.", example: 1) { $0.email.attempts }
        Field.optional(
            "copyOf", .uuid, "For a copy: the id of the email to the recipient in `to`.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a10"
        ) { $0.email.copyOf?.id.description }
        Field.optional("kind", .words(EmailCopy.Kind.self), "For a copy: the field in which its recipient was given.", example: "cc") {
            $0.email.copyOf?.kind.rawValue
        }
    }

    /// The other recipients of the message, where there are any; a copy shows only those that every recipient sees.
    @FieldBuilder<Shown> private static var copies: [Field<Shown>] {
        Field.optional(
            "cc", .array(.email), "The recipients of copies that everybody sees; absent for a message to one recipient.",
            example: ["ann@customer.example"]
        ) { $0.email.content.recipients?.addresses(.cc).compactMap(\.shown) }
        Field.optional(
            "bcc", .array(.email), "The recipients of copies that nobody sees; absent for a message to one recipient, and for a copy.",
            example: ["archive@shop.example"]
        ) { $0.email.copyOf == nil ? $0.email.content.recipients?.addresses(.bcc).compactMap(\.shown) : nil }
        Field.optionalList("copies", of: copy, "The emails to these recipients; absent for a message to one recipient, and for a copy.") {
            shown -> [(copy: EmailCopy, status: EmailStatus?)]? in
            guard shown.email.copyOf == nil, let recipients = shown.email.content.recipients else { return nil }
            return recipients.copies.map { (copy: $0, status: shown.copies[$0.id]) }
        }
    }

    private static let copy = Resource<(copy: EmailCopy, status: EmailStatus?)>("EmailCopy") {
        Field("id", .uuid, "The id of the copy, which is an email of its own.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a12") {
            $0.copy.id.description
        }
        Field("address", .nullable(.email), "The recipient of the copy; null once it was erased.", example: "ann@customer.example") {
            $0.copy.address.shown
        }
        Field.optional("name", .string, "The display name of that recipient; absent without one.", example: "Ann Lee") { $0.copy.name }
        Field("kind", .words(EmailCopy.Kind.self), "The field of the request that names the recipient.", example: "cc") {
            $0.copy.kind.rawValue
        }
        Field.optional(
            "status", .words(EmailStatus.self), "Where the copy stands; absent where it is no longer stored.", example: "QUEUED"
        ) { $0.status?.rawValue }
    }

    private static let attachment = Resource<Attachment>("Attachment") {
        Field("filename", .string, "The name of the file.", example: "report.pdf") { $0.filename }
        Field("contentType", .string, "The media type, with parameters where there are some.", example: "application/pdf") {
            $0.contentType
        }
        Field("size", .count, "The size in bytes, decoded.", example: 48_211) { $0.size }
        Field.optional(
            "contentId", .string, "What `cid:` in the HTML refers to; absent for a file that the HTML does not show.", example: "logo"
        ) { $0.contentID }
    }

    private static let timelineEntry = Resource<TimelineEntry>("TimelineEntry") {
        Field(
            "status", .string, "A status of emails, or an event that changes none, such as `DELIVERY_DELAY` or `UNSUBSCRIBED`.",
            example: "BOUNCED_PERMANENT"
        ) { $0.status }
        Field("at", .time, "When it happened (UTC), which may be before it became known.", example: "2026-06-15T12:00:03.000Z") {
            $0.at.description
        }
        Field.optional(
            "explain", .string, "What happened, in a sentence; absent where the status says all.",
            example: "The recipient's server refuses the address for good."
        ) { $0.explanation }
        Field.optional(
            "details", .object([]), "What the provider reported: bounce type, diagnostic code, link, user agent; absent without any.",
            example: ["bounceType": "Permanent", "diagnosticCode": "smtp; 550 5.1.1 user unknown"]
        ) { $0.details.flatMap { try? JSONValue.parse($0.utf8) } }
    }
}

// MARK: Batches

extension EmailResources {
    /// The outcome of an email of a batch.
    static let batchItem = Resource<Result<Submission.Acceptance, APIError>>("BatchItem") {
        Field("status", .integer, "The HTTP status that `POST /emails` would have answered.", example: 202) { outcome in
            switch outcome {
            case .success: 202
            case .failure(let error): error.status.code
            }
        }
        Field.optional(
            "explain", .string, "What is wrong with the email, or what its sender should know; absent where there is nothing to say.",
            example: "to: expected an email address"
        ) { outcome in
            switch outcome {
            case .success(let acceptance): acceptance.note
            case .failure(let error): error.message
            }
        }
        Field(property: Component.code(isRequired: false)) { outcome, object in
            if case .failure(let error) = outcome { object.member("code", error.code.rawValue) }
        }
        Field(property: Component.errors) { outcome, object in
            if case .failure(let error) = outcome, !error.faults.isEmpty { object.member("errors", error.faults) }
        }
        Field(property: batchData) { outcome, object in
            switch outcome {
            case .success(let acceptance): object.member("data") { accepted.write(Shown(acceptance), to: &$0) }
            case .failure(let error):
                guard let status = error.emailStatus else { return }
                object.member("data") { writer in writer.object { $0.member("status", status.rawValue) } }
            }
        }
    }

    private static let batchData = Schema.Property.optional(
        "data", .either([accepted.reference, Component.refusal.reference]),
        "The email, or the status of one that is refused; absent for other errors.", example: ["status": "BAD_FROM"])
}
