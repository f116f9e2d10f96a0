import JSON
import Web

/// The schema of a JSON value: the part of JSON Schema (draft 2020-12) that the API needs.
indirect enum Schema: Sendable {
    struct Property: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool

        init(_ name: String, _ schema: Schema, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
        }

        static func optional(_ name: String, _ schema: Schema) -> Property {
            Property(name, schema, isRequired: false)
        }
    }

    case string
    /// A string of a format: `date-time`, `email`, `uri`.
    case formatted(String)
    case words([String])
    case integer(ClosedRange<Int64>?)
    case number
    case boolean
    case array(Schema)
    case object([Property])
    /// An object of a request: unknown members are refused.
    case fields([Property])
    /// An object whose members are all of one schema, under any name.
    case map(Schema)
    case either([Schema])
    case nullable(Schema)
    /// One of the components, by its name.
    case reference(String)

    static let integer = Schema.integer(nil)
    static let count = Schema.integer(0...Int64.max)
    static let time = Schema.formatted("date-time")

    /// The fields of a request in which `null` counts as a field that is not given.
    static func fieldsOrNull(_ properties: [Property]) -> Schema {
        .fields(properties.map { $0.isRequired ? $0 : .optional($0.name, .nullable($0.schema)) })
    }

    static func words<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> Schema {
        .words(Choice.allCases.map(\.rawValue))
    }
}

extension Schema: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { object in members(&object) }
    }

    private func members(_ object: inout JSONWriter) {
        switch self {
        case .string: object.member("type", "string")
        case .formatted(let format):
            object.member("type", "string")
            object.member("format", format)
        case .words(let words):
            object.member("type", "string")
            object.member("enum", words)
        case .integer(let range):
            object.member("type", "integer")
            if let range {
                object.member("minimum", range.lowerBound)
                if range.upperBound < .max { object.member("maximum", range.upperBound) }
            }
        case .number: object.member("type", "number")
        case .boolean: object.member("type", "boolean")
        case .array(let element):
            object.member("type", "array")
            object.member("items", element)
        case .object(let properties): Self.write(properties, to: &object)
        case .fields(let properties):
            Self.write(properties, to: &object)
            object.member("additionalProperties", false)
        case .map(let element):
            object.member("type", "object")
            object.member("additionalProperties", element)
        case .either(let schemas): object.member("anyOf", schemas)
        case .nullable(let schema):
            object.member("anyOf") {
                $0.array {
                    $0.value(schema); $0.object { $0.member("type", "null") }
                }
            }
        case .reference(let name): object.member("$ref", "#/components/schemas/" + name)
        }
    }

    private static func write(_ properties: [Property], to object: inout JSONWriter) {
        object.member("type", "object")
        object.member("properties") { writer in
            writer.object { for property in properties { $0.member(property.name, property.schema) } }
        }
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { object.member("required", required) }
    }
}

extension Schema {
    /// `{"meta": …, "data": …}`.
    static func envelope(_ data: Schema) -> Schema {
        .object([.init("meta", .reference("Meta")), .init("data", data)])
    }
}
