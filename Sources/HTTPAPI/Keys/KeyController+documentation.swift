import Hummingbird
import MailModel
import Web

extension KeyController {
    static let createDocumentation = Documentation(
        "Create a key; the account is made on first use of a partner_ref, and the token is told this once",
        body: .json(.reference("NewKey"), example: #"{"partner_ref": "acme", "name": "Ann", "scopes": ["send", "read"]}"#),
        .json(.created, "The key with its token.", .reference("CreatedKey")))

    static let listDocumentation = Documentation(
        "Keys of all accounts, newest first", query: Documentation.Parameter.page,
        .json(.ok, "The keys.", .array(.reference("Key"))))

    static let updateDocumentation = Documentation(
        "Change a key; only what is given changes", body: .json(.reference("KeyChanges"), example: #"{"active": false}"#),
        .json(.ok, "The key.", .reference("Key")))

    static let deleteDocumentation = Documentation("Delete a key", .empty(.noContent, "It is gone."))

    private static let properties: [Schema.Property] = [
        .init("partner_ref", .string), .init("name", .string), .init("scopes", .array(.words(Scope.self))), .init("active", .boolean),
        .init("expires_at", .nullable(.time)), .init("created_at", .time), .init("last_used_at", .nullable(.time)),
    ]

    static let schemas: [(name: String, schema: Schema)] = [
        (
            "NewKey",
            .fields([
                .init("partner_ref", .string), .optional("name", .string), .optional("scopes", .array(.words(Scope.self))),
                .optional("expires_at", .nullable(.time)),
            ])
        ),
        (
            "KeyChanges",
            .fields([
                .optional("name", .string), .optional("scopes", .array(.words(Scope.self))), .optional("active", .boolean),
                .optional("expires_at", .nullable(.time)),
            ])
        ),
        ("Key", .object([.init("id", .integer)] + properties)),
        ("CreatedKey", .object([.init("id", .integer), .init("token", .string)] + properties)),
    ]
}
