import Hummingbird
import MailModel
import Web

extension CallbackController {
    static let listDocumentation = Documentation(
        "The account's callback endpoints, newest first", query: [.userName] + Documentation.Parameter.page,
        .json(.ok, "The endpoints.", .envelope(.array(CallbackResources.endpoint.reference))))

    static let createDocumentation = Documentation(
        "Add an endpoint that is called for events of the account's emails and of the account",
        body: .json(
            newEndpoint.reference,
            example: #"{"url": "https://partner.example/callbacks", "events": ["DELIVERED", "BOUNCED_PERMANENT"]}"#),
        .json(.created, "The endpoint.", .envelope(CallbackResources.endpoint.reference)), .accountNotFound)

    static let updateDocumentation = Documentation(
        "Change an endpoint; only what is given changes",
        body: .json(changes.reference, example: #"{"active": false}"#),
        .json(.ok, "The endpoint.", .envelope(CallbackResources.endpoint.reference)))

    static let deleteDocumentation = Documentation(
        "Delete an endpoint; what still waits for it is parked", .empty(.noContent, "Deleted."))

    static let pingDocumentation = Documentation(
        "Call an endpoint for a trial", .json(.accepted, "The delivery, whose attempts show the outcome.", delivery))

    static let secretDocumentation = Documentation(
        "The secret that signs the account's callbacks", query: [.userName],
        .json(.ok, "The secret; the one before while it is valid.", .envelope(CallbackResources.secret.reference)))

    static let rotateDocumentation = Documentation(
        "Replace the secret; both sign until the overlap is over", query: [.userName],
        body: .json(rotation.reference, isRequired: false, example: #"{"overlapHours": 24}"#),
        .json(.ok, "The new secret.", .envelope(CallbackResources.secret.reference)))

    static let deliveriesDocumentation = Documentation(
        "Callbacks made and to be made, newest first",
        query: [
            .userName, .init(name: "status", schema: .words(CallbackDelivery.Status.self), description: "Only with this status."),
            .init(name: "emailId", schema: .formatted("uuid"), description: "Only of this email."),
        ] + Documentation.Parameter.page,
        .json(.ok, "The deliveries.", .envelope(.array(CallbackResources.delivery.reference))))

    static let deliveryDocumentation = Documentation("One callback with its attempts", .json(.ok, "The delivery.", delivery))

    static let replayDocumentation = Documentation(
        "Make a callback again, under the same webhook-id", .json(.accepted, "The delivery.", delivery))

    private static let delivery = Schema.envelope(CallbackResources.delivery.reference)
}

// MARK: Bodies

extension CallbackController {
    private static let newEndpoint = Component(
        "NewCallbackEndpoint",
        .fieldsOrNull([
            url, events, active,
            .optional(
                "kind", .words(CallbackEndpoint.Kind.self), "\(CallbackResources.kind) `martlet` when not given; it stays.",
                example: "martlet"),
            .optional(
                "userName", .string, "For the master: the account that gets the endpoint. A client has only its own.", example: "acme"),
        ]))

    private static let changes = Component(
        "CallbackEndpointChanges",
        .fields([.optional(url.name, url.schema, url.description, example: url.example), events, active]))

    private static let rotation = Component(
        "CallbackSecretRotation",
        .fields([
            .optional(
                "overlapHours", .integer(0...168), "For how many hours the secret before signs too; 24 when not given, 0 ends it at once.",
                example: 24),
            .optional(
                "userName", .string, "For the master: the account whose secret is replaced. A client has only its own.", example: "acme"),
        ]))

    private static let url = Schema.Property(
        "url", .url,
        "The URL to call, of at most \(CallbackURL.maximumLength) characters; https to a public address unless the operator allows more.",
        example: "https://hooks.shop.example/status")
    private static let events = Schema.Property.optional(
        "events", .array(CallbackResources.event), "The statuses and events to call it for; empty, and a new endpoint without them: all.",
        example: ["DELIVERED", "BOUNCED_PERMANENT"])
    private static let active = Schema.Property.optional(
        "active", .boolean, "Whether it is called; a new endpoint is when not given.", example: true)
}
