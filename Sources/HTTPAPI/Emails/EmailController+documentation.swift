import Hummingbird
import MailModel
import Web

extension EmailController {
    static let sendDocumentation = Documentation(
        "Send an email, with copies where there are cc or bcc",
        query: [
            .init(name: "unsubscribeMsg", schema: .string, description: "The words of the unsubscribe link that is put into the body.")
        ],
        headers: [
            .init(
                name: "Idempotency-Key", schema: .string,
                description: "At most 256 characters: the same key and body within 24 hours answers the first result and sends nothing.")
        ],
        body: .json(
            .reference("NewEmail"),
            example:
                #"{"from": "news@shop.example", "to": "success@simulator.martlet.test", "subject": "Our offer", "text": "We have a new offer."}"#
        ),
        .json(.accepted, "Accepted, and durable.", .envelope(.reference("Email"))),
        .json(.forbidden, "The sender is not verified or not yours (BAD_FROM), or sending is blocked.", .reference("EnvelopeError")),
        .json(.conflict, "The Idempotency-Key was used for another request.", .reference("EnvelopeError")))

    static let listDocumentation = Documentation(
        "Emails, newest first, without their text", query: filters + Documentation.Parameter.page,
        .json(.ok, "The emails; meta.next is there while there are more.", .envelope(.array(.reference("EmailSummary")))))

    static let findDocumentation = Documentation(
        "An email with its timeline", .json(.ok, "The email.", .envelope(.reference("EmailWithTimeline"))))

    static let cancelDocumentation = Documentation(
        "Cancel an email that is still scheduled", .empty(.noContent, "It is `CANCELLED`."),
        .json(.conflict, "It is not `SCHEDULED` any more: what it is now is in `data.status`.", .reference("EnvelopeError")))

    static let sourceDocumentation = Documentation(
        "The message as it is sent",
        .init(status: .ok, description: "The message.", content: [("message/rfc822", .string), ("text/plain", .string)]))

    private static let filters: [Documentation.Parameter] = [
        .init(name: "status", schema: .words(EmailStatus.self), description: "Only with this status."),
        .init(name: "to", schema: .formatted("email"), description: "Only to this address."),
        .init(name: "from", schema: .formatted("email"), description: "Only from this address."),
        .init(name: "externalId", schema: .string, description: "Only with this externalId."),
        .init(name: "clientId", schema: .string, description: "Only with this clientId."),
        .init(name: "tag", schema: .string, description: "Only with this tag."),
        .init(name: "since", schema: .time, description: "Only those accepted at this time or later."),
        .init(name: "until", schema: .time, description: "Only those accepted before this time."),
    ]
}

extension EmailController {
    static let schemas: [(name: String, schema: Schema)] = [
        (
            "Meta",
            .object([
                .init("timestamp", .integer), .init("transactionId", .string), .optional("explain", .string), .optional("next", .string),
            ])
        ),
        ("NewEmail", newEmail),
        ("Email", .object(head + [.init("text", .string)] + labels + copies)),
        ("EmailSummary", .object(head + labels + state)),
        (
            "EmailWithTimeline",
            .object(
                head + [.init("text", .string)] + labels + state + copies + [
                    .optional("attachments", .array(.reference("Attachment"))), .init("timeline", .array(.reference("TimelineEntry"))),
                ])
        ),
        (
            "EmailCopy",
            .object([
                .init("id", .formatted("uuid")), .init("address", .formatted("email")), .init("kind", .words(EmailCopy.Kind.self)),
                .init("status", .words(EmailStatus.self)),
            ])
        ),
        (
            "Attachment",
            .object([
                .init("filename", .string), .init("contentType", .string), .init("size", .count), .optional("contentId", .string),
            ])
        ),
        (
            "NewAttachment",
            .fieldsOrNull([
                .init("filename", .string), .init("content", .string), .optional("contentType", .string), .optional("contentId", .string),
            ])
        ),
        (
            "TimelineEntry",
            .object([.init("status", .string), .init("at", .time), .optional("explain", .string), .optional("details", .object([]))])
        ),
    ]

    private static let newEmail = Schema.fieldsOrNull([
        .init("to", .formatted("email")), .init("from", .formatted("email")), .optional("text", .string), .optional("subject", .string),
        .optional("template", .string), .optional("variables", .map(.either([.string, .number, .boolean]))),
        .optional("category", .words(EmailCategory.self)), .optional("externalId", .string), .optional("clientId", .string),
        .optional("callbacks", .either([.array(.formatted("uri")), .string])), .optional("alias", .string), .optional("html", .string),
        .optional("replyTo", .either([.formatted("email"), .array(.formatted("email"))])), .optional("headers", .map(.string)),
        .optional("tags", .array(.string)), .optional("list", .string), .optional("sendAt", .time),
        .optional("cc", addresses), .optional("bcc", addresses), .optional("attachments", .array(.reference("NewAttachment"))),
    ])

    /// An array, or one string with commas between the addresses.
    private static let addresses = Schema.either([.array(.formatted("email")), .string])

    private static let head: [Schema.Property] = [
        .init("id", .formatted("uuid")), .init("to", .formatted("email")), .init("from", .formatted("email")), .init("userName", .string),
        .init("operator", .string),
    ]

    private static let labels: [Schema.Property] = [
        .init("status", .words(EmailStatus.self)), .init("subject", .string), .init("externalId", .nullable(.string)),
        .init("clientId", .nullable(.string)), .init("callbacks", .array(.formatted("uri"))), .init("alias", .nullable(.string)),
        .optional("sendAt", .time), .optional("category", .words(EmailCategory.self)),
    ]

    private static let state: [Schema.Property] = [
        .init("createdAt", .time), .init("updatedAt", .time), .init("attempts", .count), .optional("copyOf", .formatted("uuid")),
        .optional("kind", .words(EmailCopy.Kind.self)),
    ]

    private static let copies: [Schema.Property] = [
        .optional("cc", .array(.formatted("email"))), .optional("bcc", .array(.formatted("email"))),
        .optional("copies", .array(.reference("EmailCopy"))),
    ]
}
