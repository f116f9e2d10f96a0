import Hummingbird
import MailModel
import Web

extension KeyController {
    static let createDocumentation = Documentation(
        "Create a key; the account is created on first use of a partner_ref, and only this answer has the token",
        body: .json(newKey.reference, example: #"{"partner_ref": "acme", "name": "Ann", "scopes": ["send", "read"]}"#),
        .json(.created, "The key with its token.", KeyResources.created.reference))

    static let listDocumentation = Documentation(
        "Keys of all accounts, newest first", query: Documentation.Parameter.page,
        .json(.ok, "The keys.", .array(KeyResources.key.reference)))

    static let updateDocumentation = Documentation(
        "Change a key; only what is given changes", body: .json(changes.reference, example: #"{"active": false}"#),
        .json(.ok, "The key.", KeyResources.key.reference))

    static let deleteDocumentation = Documentation("Delete a key", .empty(.noContent, "Deleted."))
}

// MARK: Bodies

extension KeyController {
    private static let newKey = Component(
        "NewKey",
        .fields([
            .init(
                "partner_ref", .string,
                "The account that the key acts for, of 1 to 255 bytes; it is created where there is none.", example: "acme"), name, scopes,
            expiry,
        ]))

    private static let changes = Component(
        "KeyChanges",
        .fields([
            name, scopes, .optional("active", .boolean, "Whether the key is accepted; unchanged when not given.", example: false), expiry,
        ]))

    private static let name = Schema.Property.optional(
        "name", .string, "Who uses the key, of 1 to 200 characters; a new key has the partner_ref when not given.", example: "Ann")
    private static let scopes = Schema.Property.optional(
        "scopes", .array(.words(Scope.self)), KeyResources.scopes + " At least one; a new key has all of them when not given.",
        example: ["send", "read"])
    private static let expiry = Schema.Property.optional(
        "expires_at", .nullable(.time), "When the key stops being accepted, in the future; null, and a new key without one: never.",
        example: "2037-01-01T00:00:00Z")
}
