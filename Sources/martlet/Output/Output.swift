package import JSON
import Runtime

/// The output of commands: text for people, or JSON for programs with `--json`.
enum Output {
    /// Prints an object, a line for each member.
    static func show(_ object: JSONObject, asJSON: Bool) {
        if asJSON { return write(json(.object(object))) }
        let width = object.names.map(\.count).max() ?? 0
        write(object.map { "\(padded($0.name, to: width))  \(text(of: $0.value))\n" }.joined())
    }

    /// Prints objects with the same members, as a table or a JSON array.
    static func show(_ objects: [JSONObject], asJSON: Bool) {
        if asJSON { return write(json(.array(objects.map { .object($0) }))) }
        guard let names = objects.first?.names else { return write("None.\n") }
        let rows = [names] + objects.map { object in names.map { text(of: object[$0] ?? .null) } }
        let widths = names.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { padded($0, to: $1) }
            write(cells.joined(separator: "  ").trimmingEnd + "\n")
        }
    }

    /// Prints a text.
    static func write(_ text: String) {
        StandardStream.output.write(text)
    }

    /// Prints a message to standard error.
    static func complain(_ text: String) {
        StandardStream.error.write("martlet: \(text)\n")
    }

    private static func json(_ value: JSONValue) -> String {
        String(decoding: value.serialized, as: UTF8.self) + "\n"
    }

    private static func text(of value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .string(let text): text
        case .array(let elements) where elements.allSatisfy({ $0.stringValue != nil }):
            elements.compactMap(\.stringValue).joined(separator: ",")
        default: String(decoding: value.serialized, as: UTF8.self)
        }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

extension JSONValue {
    static func text(_ text: String?) -> JSONValue {
        text.map { .string($0) } ?? .null
    }

    static func integer(_ value: Int64) -> JSONValue {
        .number(JSONNumber(value))
    }

    static func real(_ value: Double) -> JSONValue {
        JSONNumber(value).map { .number($0) } ?? .null
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Creates an object with members in the order of the literal.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (name, value) in elements { self[name] = value }
    }
}
