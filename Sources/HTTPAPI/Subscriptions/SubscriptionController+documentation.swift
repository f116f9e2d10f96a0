import Hummingbird
import MailModel
import Sending
import Web

extension SubscriptionController {
    static let requestDocumentation = Documentation(
        "Request a subscription: the address gets a link, by which its owner confirms it",
        body: .json(
            newSubscription.reference,
            example: #"{"email": "success@simulator.martlet.test", "list": "newsletter", "from": "news@shop.example"}"#),
        .json(.accepted, "The subscription.", .envelope(SubscriptionResources.subscription.reference)))

    static let listDocumentation = Documentation(
        "Subscriptions, newest first",
        query: [
            .init(name: "list", schema: .string, description: "Only to this list."),
            .init(name: "status", schema: .words(Subscription.Status.self), description: "Only with this status; together with list."),
        ] + Documentation.Parameter.page,
        .json(
            .ok, "The subscriptions; meta.next is there while there are more.",
            .envelope(.array(SubscriptionResources.subscription.reference))))

    static let deleteDocumentation = Documentation("Delete a subscription", .empty(.noContent, "Deleted."))

    static let askDocumentation = Documentation(
        "The page of a confirmation link, which asks and changes nothing", .text("The page.", "text/html"),
        .page(.notFound, "Not a link of this service, or the subscription was deleted."), .page(.gone, "The link has expired."))

    static let confirmDocumentation = Documentation(
        "Confirm a subscription; the time and the IP address are stored as proof", .text("Confirmed.", "text/html"),
        .page(.notFound, "Not a link of this service, or the subscription was deleted."), .page(.gone, "The link has expired."))

    private static let newSubscription = Component(
        "NewSubscription",
        .fieldsOrNull([
            .init("email", .email, "The address that is to be on the list.", example: "reader@customer.example"),
            .init("list", .string, "The name of the list, your own, of 1 to 128 bytes.", example: "newsletter"),
            .init(
                "from", .string, "The sender of the email that asks for the confirmation, with a display name where there is one.",
                example: "Shop of Ann <news@shop.example>"),
            .optional(
                "subject", .string, "The subject of that email; one in the language when not given.",
                example: "Please confirm your subscription"),
            .optional(
                "text", .string, "The text of that email, with `{{link}}` in the place of the link; one in the language when not given.",
                example: "Follow {{link}} to get our newsletter."),
            .optional(
                "language", .words(ConfirmationWords.Language.self), "The language of the default subject and text; `en` when not given.",
                example: "es"),
        ]))
}
