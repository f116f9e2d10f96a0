import Database
package import JSON
package import MailModel

/// The row of an entry of the audit log.
enum AuditRow {
    static let insertion = Insertion(
        into: "audit_log",
        [
            "id", "account_id", "actor_kind", "actor_id", "actor_name", "address", "action", "target", "old_values", "new_values",
            "factor", "session_id",
        ])

    static let select = """
        SELECT l.id, a.reference, l.actor_kind, l.actor_id, l.actor_name, l.address, l.action, l.target, l.old_values, l.new_values,
            l.factor, l.session_id
        FROM audit_log l LEFT JOIN accounts a ON a.id = l.account_id
        """

    static func decode(_ row: any DatabaseRow) throws -> AuditEntry {
        AuditEntry(
            id: try row.id(0),
            actor: AuditActor(
                kind: try row.choice(2), id: row.optionalInteger(3), name: row.text(4), address: row.optionalText(5),
                factor: row.optionalText(10), sessionID: row.optionalInteger(11)),
            action: row.text(6), target: row.text(7), accountReference: row.optionalText(1),
            before: try values(row.optionalText(8)), after: try values(row.optionalText(9)))
    }

    /// Returns values as a JSON object, in the order of their names.
    static func text(of values: [String: AuditValue]) -> String {
        String(decoding: JSONValue.object(values.jsonObject).serialized, as: UTF8.self)
    }

    private static func values(_ text: String?) throws -> [String: AuditValue] {
        guard let text else { return [:] }
        guard let object = try? JSONValue.parse(text.utf8).objectValue else { throw StorageError.malformed("audit_log") }
        return Dictionary(uniqueKeysWithValues: object.map { ($0.name, AuditValue($0.value)) })
    }
}

extension [String: AuditValue] {
    /// The values as a JSON object, in the order of their names.
    package var jsonObject: JSONObject {
        var object = JSONObject()
        for (name, value) in sorted(by: { $0.key < $1.key }) { object[name] = value.json }
        return object
    }
}

extension AuditValue {
    /// The value as JSON: an address is an object with `masked` and `hash`.
    package var json: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .url(let text): .string(CallbackURL.masked(text))
        case .integer(let number): .number(JSONNumber(number))
        case .number(let number): JSONNumber(number).map(JSONValue.number) ?? .null
        case .boolean(let value): .bool(value)
        case .null: .null
        case .list(let values): .array(values.map(\.json))
        case .recipient(let address): .object(["masked": .string(address.masked)].jsonObject)
        case .hashed(let masked, let hash): .object(["masked": .string(masked), "hash": .string(hash)].jsonObject)
        }
    }

    /// Reads what ``json`` wrote.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .number(let number): self = number.integer.map(AuditValue.integer) ?? number.double.map(AuditValue.number) ?? .null
        case .string(let text): self = .string(text)
        case .array(let values): self = .list(values.map(AuditValue.init))
        case .object(let object):
            self = .hashed(masked: object["masked"]?.stringValue ?? "", hash: object["hash"]?.stringValue ?? "")
        }
    }
}
