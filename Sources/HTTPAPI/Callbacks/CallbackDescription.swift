import JSON
import MailModel

/// The description of a callback that Martlet sends: an entry of `webhooks` in `/openapi.json`.
///
/// Bodies and signatures are written by the module Callbacks; a test compares them with this.
struct CallbackDescription: Sendable {
    /// The key in `webhooks`.
    let name: String
    let summary: String
    let body: Documentation.Body

    static let all = [email, account]

    private static let email = Self(
        name: "email", summary: "A change of an email's status, sent to the URLs of the email and of the account",
        body: Documentation.Body(schema: emailBody.reference))

    private static let account = Self(
        name: "account", summary: "An event that concerns the whole account, sent to the account's URLs",
        body: Documentation.Body(schema: accountBody.reference))

    /// The header fields that sign a callback (Standard Webhooks 1.0).
    static let headers: [Documentation.Parameter] = [
        .init(
            name: "webhook-id", schema: .uuid,
            description: "The id of the delivery, the same at every attempt and replay: a receiver drops ids that it has seen.",
            isRequired: true, example: "019a9b2f-51d0-7c3e-a1b4-0f5e6d7c8b9b"),
        .init(
            name: "webhook-timestamp", schema: .integer,
            description: "The time of this attempt, in seconds since 1970-01-01T00:00:00Z. A receiver refuses one that is minutes old.",
            isRequired: true, example: "1781524800"),
        .init(
            name: "webhook-signature", schema: .string,
            description: """
                `v1,` and the Base64 of the HMAC-SHA256 of `id.timestamp.body` with the account's secret. While a secret is being replaced \
                there are two signatures, with a space between them, of which one has to match.
                """,
            isRequired: true, example: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
    ]
}

extension CallbackDescription: JSONWritable {
    /// Writes the operation that a receiver implements.
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("operationId", "callback_" + name)
            object.member("summary", summary)
            object.member("tags", ["Callbacks"])
            object.member("security", [String]())
            object.member("parameters") { writer in
                writer.array { array in for header in Self.headers { header.write(in: "header", to: &array) } }
            }
            object.member("requestBody", body)
            object.member("responses") { writer in
                writer.object { responses in
                    responses.member("2XX") {
                        $0.object { $0.member("description", "Taken. Within 15 seconds; the body of the answer is not read.") }
                    }
                    responses.member("default") {
                        $0.object { $0.member("description", "A failure, redirects included: the callback is sent again later.") }
                    }
                }
            }
        }
    }
}

// MARK: Bodies

extension CallbackDescription {
    static let emailBody = Component(
        "EmailCallback",
        .object(
            [
                .init("id", .uuid, "The id of the email.", example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11"), eventID,
                .init(
                    "status", .words(EmailStatus.allCases.filter(\.causesCallbacks).map(\.rawValue)), "The new status of the email.",
                    example: "BOUNCED_PERMANENT"),
                .init(
                    "previousStatus", .nullable(.words(EmailStatus.self)),
                    "The status before; null for an email that began with this status.", example: "SENT"),
            ] + time + [
                .init("from", .email, "The sender of the email.", example: "news@shop.example"),
                .init("to", .email, "The recipient of the email.", example: "someone@customer.example"),
                .init("subject", .string, "The subject as it was sent.", example: "Our offer"),
                .init("externalId", .nullable(.string), "The externalId of the request, null without one.", example: "summer-campaign"),
                .init("clientId", .nullable(.string), "The clientId of the request, null without one.", example: "48118112"),
                .init("alias", .nullable(.string), "The display name of the recipient, null without one.", example: "New User"),
                .optional("fromName", .string, "The display name of the sender, absent without one.", example: "Shop of Ann"),
                userName, .init("operator", .string, "The name of the key that sent the email.", example: "Ann"),
            ] + end + [
                .init(
                    "details", .object([]),
                    "What the provider reported: bounce type, diagnostic code, link, user agent; empty without any.",
                    example: ["bounceType": "Permanent", "diagnosticCode": "smtp; 550 5.1.1 user unknown"])
            ]))

    static let accountBody = Component(
        "AccountCallback",
        .object(
            [
                eventID,
                .init(
                    "event", .words(AccountNotice.Event.allCases.map(\.rawValue) + [CallbackEvent.ping]),
                    "What happened; `ping` is a trial call of an endpoint.", example: "domain.suspended"),
            ] + time + [
                userName,
                .optional("domain", .string, "The domain that the event is about; absent where it is about none.", example: "shop.example"),
            ] + end + [
                .optional(
                    "details", .object([]),
                    "The figures of a quota: `period` (day or month), `level` (80 or 100), `limit` and `sent`; for `callbacks.failing` the host of the `receiver`; absent for others.",
                    example: ["period": "day", "level": 80, "limit": 10000, "sent": 8000])
            ]))

    private static let eventID = Schema.Property(
        "eventId", .uuid, "The id of the event, the same in the callbacks to every URL.", example: "019a9b2f-51d0-7c3e-a1b4-0f5e6d7c8b9a")

    private static let time: [Schema.Property] = [
        .init(
            "date", .time, "When it happened, which may be long before it became known (UTC).", example: "2026-06-15T12:00:00.000Z"),
        .init("timestamp", .integer, "The same time in milliseconds since 1970-01-01T00:00:00Z.", example: 1_781_524_800_000),
    ]

    private static let userName = Schema.Property("username", .string, "The account (partner_ref).", example: "shop")

    private static let end: [Schema.Property] = [
        .init("callback", .url, "The URL that this callback is sent to.", example: "https://hooks.shop.example/status"),
        .init(
            "explain", .nullable(.string), "What happened, in a sentence for people; null where there is nothing to add.",
            example: "The recipient's server refuses the address for good."),
    ]
}
