import Access
import Hummingbird
import MailModel
import Web

extension KeyController {
    static let createDocumentation = Documentation(
        "Create a key, by a customer for its own account and with no more rights than the key that asks; only this answer has the token",
        body: .json(
            newKey.reference,
            example: #"{"partner_ref": "acme", "name": "Ann", "scopes": ["send", "read"], "domains": ["shop.example"], "rate_limit": 50}"#),
        .json(.created, "The key with its token.", KeyResources.created.reference),
        .json(.notFound, "Another account was named by partner_ref.", .error),
        .json(
            .conflict, "The account has as many keys as it may have, or `aws` is asked for and the operator has set no `secrets.key`.",
            .error))

    static let listDocumentation = Documentation(
        "Keys, newest first: of all accounts for the master, of its own for a customer", query: Documentation.Parameter.page,
        .page("The keys.", of: KeyResources.key.reference))

    static let updateDocumentation = Documentation(
        "Change a key, by a customer one with no more rights than the key that asks; only what is given changes",
        body: .json(changes.reference, example: #"{"active": false}"#),
        .json(.ok, "The key.", KeyResources.key.reference))

    static let rotateDocumentation = Documentation(
        "Give a key a new token, and a new access key where it has one, which only this answer has, and let the old ones live for a while",
        body: .json(rotation.reference, isRequired: false, example: #"{"overlap_seconds": 3600}"#),
        .json(.ok, "The key with its new token.", KeyResources.created.reference))

    static let deleteDocumentation = Documentation("Delete a key", .empty(.noContent, "Deleted."))
}

// MARK: Bodies

extension KeyController {
    private static let newKey = Component(
        "NewKey",
        .fields([
            .optional(
                "partner_ref", .string,
                "The account that the key acts for, of 1 to 255 bytes. The master has to name it, and it is created where there is none; a customer's is its own.",
                example: "acme"), name, scopes, domains, addresses, rate, expiry,
            .optional(
                "aws", .boolean,
                "Whether the key also gets an access key, with which AWS SDKs sign requests of the API of SES; not when not given.",
                example: false),
        ]))

    private static let rotation = Component(
        "KeyRotation",
        .fields([
            .optional(
                "overlap_seconds", .integer(0...KeyService.overlaps.upperBound.components.seconds),
                "How long the old token is still accepted; 0, so that it is refused at once, when not given.", example: 3600)
        ]))

    private static let changes = Component(
        "KeyChanges",
        .fields([
            name, scopes, .optional("active", .boolean, "Whether the key is accepted; unchanged when not given.", example: false), domains,
            addresses, rate, expiry,
        ]))

    private static let name = Schema.Property.optional(
        "name", .string, "Who uses the key, of 1 to 200 characters; a new key has the partner_ref when not given.", example: "Ann")
    private static let scopes = Schema.Property.optional(
        "scopes", .array(.words(Scope.self)),
        KeyResources.scopes + " At least one; a new key has those of the key that asks, of the master all, when not given.",
        example: ["send", "read"])
    private static let expiry = Schema.Property.optional(
        "expires_at", .nullable(.time), "When the key stops being accepted, in the future; null: never. \(inherited)",
        example: "2037-01-01T00:00:00Z")
    private static let inherited = "A new key has that of the key that asks, of the master none, when not given."
    private static let domains = Schema.Property.optional(
        "domains", .nullable(.array(.string)), "\(KeyResources.domains) \(inherited)", example: ["shop.example"])
    private static let addresses = Schema.Property.optional(
        "allowed_ips", .nullable(.array(.string)), "\(KeyResources.addresses) \(inherited)", example: ["192.0.2.7", "2001:db8::/32"])
    private static let rate = Schema.Property.optional(
        "rate_limit", .nullable(.integer(Int64(KeyBounds.rateLimits.lowerBound)...Int64(KeyBounds.rateLimits.upperBound))),
        "\(KeyResources.rate) \(inherited)", example: 50)
}
