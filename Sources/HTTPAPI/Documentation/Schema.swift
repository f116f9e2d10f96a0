import JSON
import Web

/// The schema of a JSON value: the part of JSON Schema (draft 2020-12) that the API needs.
indirect enum Schema: Sendable {
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
    case reference(Component)

    /// A member of an object: its name, its schema, and what it means.
    struct Property: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
        /// A sentence for people who write clients: the meaning, the unit, the range, the default.
        var description: String
        /// A valid value; composed of the examples of the schema's own members where none is given.
        var example: Example?

        init(_ name: String, _ schema: Schema, _ description: String, example: Example? = nil, isRequired: Bool = true) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
            self.description = description
            self.example = example ?? schema.example
        }

        static func optional(_ name: String, _ schema: Schema, _ description: String, example: Example? = nil) -> Property {
            Property(name, schema, description, example: example, isRequired: false)
        }
    }
}

/// A schema with a name of its own: one of the components of `/openapi.json`, and of the objects in `/docs`.
struct Component: Sendable {
    let name: String
    let schema: Schema

    init(_ name: String, _ schema: Schema) {
        self.name = name
        self.schema = schema
    }

    /// The reference to it in other schemas.
    var reference: Schema { .reference(self) }
}

extension Schema {
    static let integer = Schema.integer(nil)
    static let count = Schema.integer(0...Int64.max)
    static let time = Schema.formatted("date-time")
    static let email = Schema.formatted("email")
    static let url = Schema.formatted("uri")
    static let uuid = Schema.formatted("uuid")

    /// The fields of a request in which `null` counts as a field that is not given.
    static func fieldsOrNull(_ properties: [Property]) -> Schema {
        .fields(
            properties.map { property in
                guard !property.isRequired else { return property }
                return .optional(property.name, .nullable(property.schema), property.description, example: property.example)
            })
    }

    static func words<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> Schema {
        .words(Choice.allCases.map(\.rawValue))
    }

    /// `{"meta": …, "data": …}`.
    static func envelope(_ data: Schema) -> Schema {
        .object([
            .init("meta", .reference(.meta), "Facts about the answer itself."), .init("data", data, "What the operation answers."),
        ])
    }

    /// A valid value, composed of the examples of the members; `nil` where it has no members.
    var example: Example? {
        switch self {
        case .object(let properties), .fields(let properties):
            properties.isEmpty ? nil : Example(members: properties.compactMap { property in property.example.map { (property.name, $0) } })
        case .array(let element): element.example.map { Example(elements: [$0]) }
        case .nullable(let schema): schema.example
        case .reference(let component): component.schema.example
        case .string, .formatted, .words, .integer, .number, .boolean, .map, .either: nil
        }
    }
}

extension Schema: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { object in members(&object) }
    }

    fileprivate func members(_ object: inout JSONWriter) {
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
                    $0.value(schema)
                    $0.object { $0.member("type", "null") }
                }
            }
        case .reference(let component): object.member("$ref", "#/components/schemas/" + component.name)
        }
    }

    private static func write(_ properties: [Property], to object: inout JSONWriter) {
        object.member("type", "object")
        object.member("properties") { writer in
            writer.object { for property in properties { $0.member(property.name, property) } }
        }
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty { object.member("required", required) }
    }
}

extension Schema.Property: JSONWritable {
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            schema.members(&object)
            object.member("description", description)
            if let example { object.member("example", example) }
        }
    }
}
