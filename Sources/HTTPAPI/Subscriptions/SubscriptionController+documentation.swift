import Hummingbird
import MailModel
import Sending
import Web

extension SubscriptionController {
    static let requestDocumentation = Documentation(
        "Mail an address a link, by which its owner agrees to be on a list",
        body: .json(
            .reference("NewSubscription"),
            example: #"{"email": "success@simulator.martlet.test", "list": "newsletter", "from": "news@shop.example"}"#),
        .json(.accepted, "The subscription.", .envelope(.reference("Subscription"))))

    static let listDocumentation = Documentation(
        "Subscriptions, newest first",
        query: [
            .init(name: "list", schema: .string, description: "Only to this list."),
            .init(name: "status", schema: .words(Subscription.Status.self), description: "Only with this status; together with list."),
        ] + Documentation.Parameter.page,
        .json(.ok, "The subscriptions; meta.next is there while there are more.", .envelope(.array(.reference("Subscription")))))

    static let deleteDocumentation = Documentation("Take an address off its list", .empty(.noContent, "It is gone."))

    static let askDocumentation = Documentation(
        "The page of a confirmation link, which asks and changes nothing", .text("The page.", "text/html"),
        .page(.notFound, "Not a link of this service, or the subscription was deleted."), .page(.gone, "The link has expired."))

    static let confirmDocumentation = Documentation(
        "Agree to be on a list; when and from where is kept as proof", .text("It is done.", "text/html"),
        .page(.notFound, "Not a link of this service, or the subscription was deleted."), .page(.gone, "The link has expired."))

    static let schemas: [(name: String, schema: Schema)] = [
        (
            "NewSubscription",
            .fieldsOrNull([
                .init("email", .formatted("email")), .init("list", .string), .init("from", .formatted("email")),
                .optional("subject", .string), .optional("text", .string), .optional("language", .words(ConfirmationWords.Language.self)),
            ])
        ),
        (
            "Subscription",
            .object([
                .init("id", .formatted("uuid")), .init("email", .formatted("email")), .init("list", .string),
                .init("from", .formatted("email")), .init("status", .words(Subscription.Status.self)), .init("createdAt", .time),
                .optional("expiresAt", .time),
                .optional("proof", .object([.init("at", .time), .init("ip", .string), .optional("userAgent", .string)])),
            ])
        ),
    ]
}
