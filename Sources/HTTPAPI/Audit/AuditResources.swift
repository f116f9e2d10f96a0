import Hummingbird
import JSON
import MailModel
import Storage
import Web

/// The rows of the audit log as the API answers them.
enum AuditResources {
    static let entry = Resource<AuditEntry>("AuditEntry") {
        Field("id", .uuid, "The id of the row, by which a page continues.", example: "019d1c3a-1f40-7000-9d56-8f0f3c1f5a11") {
            $0.id.description
        }
        Field("at", .time, "When the change was made (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.at.description }
        Field.object("actor", actor, "Who made it.") { $0.actor }
        Field(
            "address", .nullable(.string),
            "The address that the request came from; null where the program acted by itself, or a command at the database.",
            example: "192.0.2.7"
        ) { $0.actor.address }
        Field("action", .string, "What was done: what it was done to, and a verb.", example: "domain.suspend") { $0.action }
        Field(
            "target", .string,
            "What it was done to: a kind and a name. The name of a recipient is the keyed hash of the address.",
            example: "domain:shop.example"
        ) { $0.target }
        Field("partner_ref", .nullable(.string), "The account whose matter it is; null for the operator's own.", example: "acme") {
            $0.accountReference
        }
        Field(
            "before", values, "What has changed, as it was before; null where there was nothing. Addresses of recipients are masked.",
            example: ["outbound_status": "active"]
        ) { values(of: $0.before) }
        Field(
            "after", values, "What has changed, as it is since; null where nothing is left.",
            example: ["outbound_status": "suspended", "suspended_reason": "suspended by the operator: spam traps"]
        ) { values(of: $0.after) }
    }

    private static let actor = Resource<AuditActor>("AuditActor") {
        Field("kind", .words(AuditActor.Kind.self), "The master token, an API key, a person, or the program by itself.", example: "key") {
            $0.kind.rawValue
        }
        Field("id", .nullable(.integer), "The id of the key or person; null for the others.", example: 7) { $0.id }
        Field("name", .string, "The name of the key or person at that time.", example: "Ann") { $0.name }
    }

    private static let values = Schema.nullable(.map(.nullable(.either([.string, .number, .boolean, .array(.string), hashed.reference]))))

    /// An address of a recipient.
    private static let hashed = Component(
        "HashedAddress",
        .object([
            .init("masked", .string, "The address with the first character of its local part alone.", example: "j***@customer.example"),
            .init(
                "hash", .string, "The keyed hash of the address in lower case: rows about one address have the same.",
                example: "5f1d7a0f6c5b4f0e9a7c2f3b1d8e4a60"),
        ]))

    private static func values(of values: [String: AuditValue]) -> JSONValue {
        values.isEmpty ? .null : .object(values.jsonObject)
    }
}

extension AuditController {
    static let listDocumentation = Documentation(
        "The audit log, newest first: who changed what, when and from where; for a client of its own account",
        query: [
            .init(
                name: "actor", schema: .string,
                description: "Only changes of `master`, `system`, `key` or `user`, or of one key or person: `key:7`."),
            .init(
                name: "action", schema: .words(AuditAction.subjects + AuditAction.allCases.map(\.rawValue)),
                description: "Only this action, or all of a kind of target."),
            .init(
                name: "target", schema: .string,
                description: "Only changes of this: `domain:shop.example`; `recipient:` takes the address itself, or its hash."),
            .init(name: "since", schema: .string, description: "From this date (UTC) or RFC 3339 time on."),
            .init(name: "until", schema: .string, description: "Up to and with this date (UTC), or before this RFC 3339 time."),
            .init(name: "partner_ref", schema: .string, description: "For the master: only changes of this account."),
            .init(name: "format", schema: .words(["json", "csv"]), description: "Else by Accept. CSV has all rows, not only a page."),
        ] + Documentation.Parameter.page,
        .init(
            status: .ok, description: "The rows.",
            content: [("application/json", .array(AuditResources.entry.reference)), ("text/csv", .string)], isPage: true),
        .json(.notFound, "There is no such account, or it is another one than the key's.", .error))
}
