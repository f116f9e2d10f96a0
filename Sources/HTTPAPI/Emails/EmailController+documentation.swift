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
            newEmail.reference,
            example:
                #"{"from": "news@shop.example", "to": "success@simulator.martlet.test", "subject": "Our offer", "text": "We have a new offer."}"#
        ),
        .json(.accepted, "Accepted, and durable.", .envelope(EmailResources.accepted.reference)),
        .json(.forbidden, "The sender is not verified or not yours (BAD_FROM), or sending is blocked.", .envelopeError),
        .json(.conflict, "The Idempotency-Key was used for another request.", .envelopeError))

    static let listDocumentation = Documentation(
        "Emails, newest first, without their text", query: filters + Documentation.Parameter.page,
        .json(.ok, "The emails; meta.next is there while there are more.", .envelope(.array(EmailResources.summary.reference))))

    static let findDocumentation = Documentation(
        "An email with its timeline", .json(.ok, "The email.", .envelope(EmailResources.found.reference)))

    static let cancelDocumentation = Documentation(
        "Cancel an email that is still scheduled", .empty(.noContent, "It is `CANCELLED`."),
        .json(.conflict, "It is not `SCHEDULED` any more: what it is now is in `data.status`.", .envelopeError))

    static let sourceDocumentation = Documentation(
        "The message as it is sent, the recipient's links to unsubscribe and to confirm hidden",
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

// MARK: Bodies

extension EmailController {
    static let newEmail = Component("NewEmail", .fieldsOrNull(addressing + texts + labels + extras))

    private static let addressing: [Schema.Property] = [
        .init(
            "to", .string, "The recipient: an address, or a name with the address in angle brackets; a name with commas stands in quotes.",
            example: "Eva <someone@customer.example>"),
        .init(
            "from", .string,
            "The sender: an address of a verified domain of the account, or a verified sender; with a name in front of it like `to`.",
            example: "Shop of Ann <news@shop.example>"),
        .optional(
            "fromName", .string, "The display name of the sender, of at most 200 characters; the domain's `from_name` when not given.",
            example: "Shop of Ann"),
        .optional(
            "cc", addresses,
            "Recipients of copies that everybody sees: an array, or a string with commas; names like in `to`. With bcc 49 in all.",
            example: ["Ann Lee <ann@customer.example>"]),
        .optional("bcc", addresses, "Recipients of copies that nobody sees; as cc.", example: ["archive@shop.example"]),
        .optional("alias", .string, "The display name of the recipient, of at most 200 characters, as in `to`.", example: "Eva"),
        .optional(
            "replyTo", .either([.string, .array(.string)]),
            "Where replies go: an address, or up to 10, with names like in `to`. The sender when not given.",
            example: "Support <support@shop.example>"),
    ]

    private static let texts: [Schema.Property] = [
        .optional(
            "subject", .string, "The subject, of at most 998 bytes without line breaks; required unless there is a template.",
            example: "Our offer"),
        .optional(
            "text", .string, "The text: plain, or HTML where it has a tag; required unless there is html or a template.",
            example: "We have a new offer."),
        .optional(
            "html", .string, "HTML beside a plain text, which is made from it when not given.",
            example: "<p>We have a new <b>offer</b>.</p>"),
        .optional(
            "template", .string, "The name of a template of the account, which has the subject and the texts instead of the request.",
            example: "welcome"),
        .optional(
            "variables", .map(.either([.string, .number, .boolean])),
            "The values for `{{name}}` in the template, or in the texts of the request: at most 100, of 64 KB each.",
            example: ["name": "Eva", "code": 4711]),
    ]

    private static let labels: [Schema.Property] = [
        .optional(
            "category", .words(EmailCategory.self),
            """
            What the email is for. `marketing` always has a List-Unsubscribe header and a link in its text; `transactional` has none, and is also sent to \
            recipients who have unsubscribed.
            """, example: "marketing"),
        .optional(
            "externalId", .string, "Your identifier of a campaign, by which reports are made; at most 256 bytes.",
            example: "summer-campaign"),
        .optional("clientId", .string, "Your identifier of the recipient; at most 256 bytes.", example: "48118112"),
        .optional("tags", .array(.string), "Labels for search and reports: at most 50, of 128 bytes each.", example: ["news"]),
        .optional(
            "callbacks", .either([.array(.url), .string]),
            "URLs that are called at each change of status: an array, or a string with commas; at most 10.",
            example: ["https://hooks.shop.example/status"]),
    ]

    private static let extras: [Schema.Property] = [
        .optional(
            "headers", .map(.string), "Further header fields, by name: at most 50; their values are checked by the rules of the field.",
            example: ["X-Campaign": "summer"]),
        .optional(
            "attachments", .array(newAttachment.reference),
            "The files to attach: at most 50, 10 MB in all unless the operator sets another limit."),
        .optional(
            "list", .string, "The list of a double opt-in: recipients who have not confirmed it are not mailed.", example: "newsletter"),
        .optional(
            "sendAt", .time,
            "The earliest time to send it, at most 30 days ahead by default; at once when not given.",
            example: "2026-06-16T09:00:00+02:00"),
    ]

    private static let newAttachment = Component(
        "NewAttachment",
        .fieldsOrNull([
            .init("filename", .string, "The name of the file, of at most 255 bytes, without folders.", example: "report.txt"),
            .init("content", .string, "The content in Base64 (RFC 4648 section 4), without line breaks.", example: "UmVwb3J0Cg=="),
            .optional(
                "contentType", .string, "The media type, with parameters where there are some; by the ending of filename when not given.",
                example: "text/plain"),
            .optional("contentId", .string, "What `cid:` in the HTML refers to, of 1 to 128 characters.", example: "logo"),
        ]))

    private static let addresses = Schema.either([.array(.string), .string])
}
