import JSON
package import MailModel
import Storage

/// The audit log as a table: a line for each row, what was before and after as JSON.
package enum AuditTable {
    /// The names of the columns.
    package static let columns = [
        "id", "at", "actor_kind", "actor_id", "actor_name", "address", "action", "target", "partner_ref", "before", "after",
    ]

    /// Returns the cells of a row, in the order of ``columns``; empty where the row has no value.
    package static func cells(of entry: AuditEntry) -> [String] {
        [
            entry.id.description, entry.at.description, entry.actor.kind.rawValue, entry.actor.id.map(String.init) ?? "", entry.actor.name,
            entry.actor.address ?? "", entry.action, entry.target, entry.accountReference ?? "", text(of: entry.before),
            text(of: entry.after),
        ]
    }

    private static func text(of values: [String: AuditValue]) -> String {
        values.isEmpty ? "" : String(decoding: JSONValue.object(values.jsonObject).serialized, as: UTF8.self)
    }
}

extension AuditValue {
    /// The value for people: an address as `j***@example.org`, nothing as an em dash.
    package var shown: String {
        switch self {
        case .string(let text): text.isEmpty ? "“”" : text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .boolean(let value): value ? "yes" : "no"
        case .null: "—"
        case .list(let values): values.isEmpty ? "none" : values.map(\.shown).joined(separator: ", ")
        case .url(let text): CallbackURL.masked(text)
        case .recipient(let address): address.masked
        case .hashed(let masked, _): masked
        }
    }
}
