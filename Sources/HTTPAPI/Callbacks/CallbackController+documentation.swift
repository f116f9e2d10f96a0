import Hummingbird
import MailModel
import Web

extension CallbackController {
    static let listDocumentation = Documentation(
        "The account's callback endpoints, newest first", query: [.userName] + Documentation.Parameter.page,
        .json(.ok, "The endpoints.", .envelope(.array(.reference("CallbackEndpoint")))))

    static let createDocumentation = Documentation(
        "Add an endpoint that is told what happens to the account's emails and to the account",
        body: .json(
            .reference("NewCallbackEndpoint"),
            example: #"{"url": "https://partner.example/callbacks", "events": ["DELIVERED", "BOUNCED_PERMANENT"]}"#),
        .json(.created, "The endpoint.", .envelope(.reference("CallbackEndpoint"))), .accountNotFound)

    static let updateDocumentation = Documentation(
        "Change an endpoint; only what is given changes",
        body: .json(.reference("CallbackEndpointChanges"), example: #"{"active": false}"#),
        .json(.ok, "The endpoint.", .envelope(.reference("CallbackEndpoint"))))

    static let deleteDocumentation = Documentation(
        "Delete an endpoint; what still waits for it is parked", .empty(.noContent, "It is gone."))

    static let pingDocumentation = Documentation(
        "Call an endpoint for a trial", .json(.accepted, "The delivery, whose attempts tell what came of it.", delivery))

    static let secretDocumentation = Documentation(
        "The secret that signs the account's callbacks", query: [.userName],
        .json(.ok, "The secret; the one before while it is valid.", .envelope(.reference("CallbackSecret"))))

    static let rotateDocumentation = Documentation(
        "Replace the secret; both sign until the overlap is over", query: [.userName],
        body: .json(.reference("CallbackSecretRotation"), isRequired: false, example: #"{"overlapHours": 24}"#),
        .json(.ok, "The new secret.", .envelope(.reference("CallbackSecret"))))

    static let deliveriesDocumentation = Documentation(
        "Callbacks made and to be made, newest first",
        query: [
            .userName, .init(name: "status", schema: .words(CallbackDelivery.Status.self), description: "Only with this status."),
            .init(name: "emailId", schema: .formatted("uuid"), description: "Only of this email."),
        ] + Documentation.Parameter.page,
        .json(.ok, "The deliveries.", .envelope(.array(.reference("CallbackDelivery")))))

    static let deliveryDocumentation = Documentation("One callback with its attempts", .json(.ok, "The delivery.", delivery))

    static let replayDocumentation = Documentation(
        "Make a callback again, under the same webhook-id", .json(.accepted, "The delivery.", delivery))

    private static let delivery = Schema.envelope(.reference("CallbackDelivery"))
}

extension CallbackController {
    static let schemas: [(name: String, schema: Schema)] = [
        (
            "NewCallbackEndpoint",
            .fieldsOrNull([
                .init("url", .formatted("uri")), .optional("events", .array(event)), .optional("active", .boolean),
                .optional("userName", .string),
            ])
        ),
        (
            "CallbackEndpointChanges",
            .fields([.optional("url", .formatted("uri")), .optional("events", .array(event)), .optional("active", .boolean)])
        ),
        (
            "CallbackEndpoint",
            .object([
                .init("id", .integer), .init("url", .formatted("uri")), .init("events", .array(event)), .init("active", .boolean),
                .init("createdAt", .time),
            ])
        ),
        ("CallbackSecretRotation", .fields([.optional("overlapHours", .integer(0...168)), .optional("userName", .string)])),
        (
            "CallbackSecret",
            .object([
                .init("secret", .string), .init("createdAt", .time), .optional("previous", .string), .optional("previousExpiresAt", .time),
            ])
        ),
        (
            "CallbackDelivery",
            .object([
                .init("id", .formatted("uuid")), .init("eventId", .formatted("uuid")), .init("emailId", .nullable(.formatted("uuid"))),
                .init("url", .formatted("uri")), .init("status", .words(CallbackDelivery.Status.self)),
                .init(
                    "attempts",
                    .array(.object([.init("at", .time), .optional("httpStatus", .integer), .optional("error", .string)]))),
                .optional("nextAttemptAt", .time),
            ])
        ),
    ]

    private static let event = Schema.words(CallbackEndpoint.knownEvents)
}
