import Access
import JSON
import MailModel

/// The keys of customers as the API answers them (specification 2.1).
enum KeyResources {
    static let key = Resource<APIKey>("Key") {
        Field(id) { $0.id }
        facts
    }

    /// A key that was just created, with its token.
    static let created = Resource<IssuedKey>("CreatedKey") {
        Field(id) { $0.key.id }
        Field(
            "token", .string, "The token for `Authorization: Bearer`. This answer is the only one that has it: store it safely.",
            example: "mk_EXAMPLEexampleEXAMPLEexampleEXAMPLEexample01FLaC1"
        ) { $0.token }
        Field.optional(
            "aws_secret_access_key", .string,
            "The secret of the access key, which signs requests of the API of SES; absent for a key without one. This answer is the only one that has it.",
            example: "EXAMPLEexampleEXAMPLEexampleEXAMPLEexamp"
        ) { $0.accessKey?.secret }
        facts.map { field in field.of { $0.key } }
    }

    @FieldBuilder<APIKey> private static var facts: [Field<APIKey>] {
        Field("partner_ref", .string, "The account that the key acts for.", example: "acme") { $0.account.reference }
        Field("name", .string, "Who uses the key: `operator` of the emails that are sent with it.", example: "Ann") { $0.name }
        Field("scopes", .array(.words(Scope.self)), scopes, example: ["send", "read"]) {
            key in Scope.allCases.filter(key.scopes.contains).map(\.rawValue)
        }
        Field("domains", .nullable(.array(.string)), domains, example: ["shop.example"]) { key in
            key.bounds.domains.isEmpty ? nil : key.bounds.domains.map(\.description)
        }
        Field("allowed_ips", .nullable(.array(.string)), addresses, example: ["192.0.2.7", "2001:db8::/32"]) { key in
            key.bounds.networks.isEmpty ? nil : key.bounds.networks.map(\.description)
        }
        Field("rate_limit", .nullable(.integer(rateLimits)), rate, example: 50) { key in key.bounds.rateLimit.map { Int64($0) } }
        Field.optional(
            "aws_access_key_id", .string, "The id of the access key for the API of SES; absent for a key without one.",
            example: "MKIAEXAMPLEEXAMPLE22"
        ) { $0.awsAccessKeyID }
        Field("active", .boolean, "Whether the key is accepted.", example: true) { $0.isActive }
        Field(
            "expires_at", .nullable(.time), "When the key stops being accepted (UTC); null for never.", example: "2027-01-01T00:00:00.000Z"
        ) { $0.expiresAt?.description }
        Field("created_at", .time, "When the key was created (UTC).", example: "2026-06-01T09:30:00.000Z") { $0.createdAt.description }
        Field(
            "last_used_at", .nullable(.time), "When the key was last used (UTC), to about a minute; null for a key that was never used.",
            example: "2026-06-15T11:58:00.000Z"
        ) { $0.lastUsedAt?.description }
        Field(
            "previous_token_expires_at", .nullable(.time),
            "Until when the token of before the last rotation is accepted (UTC), also when that has passed; null for a key that was never rotated.",
            example: "2026-06-15T13:00:00.000Z"
        ) { $0.previousTokenExpiresAt?.description }
    }

    private static let rateLimits = Int64(KeyBounds.rateLimits.lowerBound)...Int64(KeyBounds.rateLimits.upperBound)

    private static let id = Schema.Property("id", .integer, "The id of the key, by which it is changed and deleted.", example: 7)

    /// What scopes mean, also in requests.
    static let scopes = "What the key allows: `send` emails, `read` everything of the account, `manage` its domains, lists and settings."

    /// What bounds mean, also in requests.
    static let domains =
        "The only domains that `from` and `increment` may name with the key, at most \(KeyBounds.maximumEntries); null for all of the account. Reading is not bound."
    static let addresses =
        "The only addresses and networks, IPv4 or IPv6, that the key may be used from, at most \(KeyBounds.maximumEntries); null for all."
    static let rate = "The most requests a second that each node accepts with the key, with a burst of one second; null for any number."
}
