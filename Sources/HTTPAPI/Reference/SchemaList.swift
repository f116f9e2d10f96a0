import Web

/// The text of schemas: their types in words, and the members of objects as a list.
enum SchemaList {
    /// The members of an object, or of the objects in an array; empty for other values.
    static func members(of schema: Schema) -> HTML {
        let properties = properties(of: schema)
        guard !properties.isEmpty else { return "" }
        return "<ul class=\"fields\">\(properties.map(item).joined())</ul>"
    }

    /// What a component is: its members, or else its type.
    static func content(of schema: Schema) -> HTML {
        properties(of: schema).isEmpty ? "<p>\(type(of: schema))</p>" : members(of: schema)
    }

    /// The members of a component itself rather than a link to it.
    static func expanded(_ schema: Schema) -> HTML {
        if case .reference(let component) = schema { return members(of: component.schema) }
        return members(of: schema)
    }

    private static func item(_ property: Schema.Property) -> HTML {
        """
        <li>\(head(property.name, property.schema, isRequired: property.isRequired))\
        <p>\(sentence(property.description))\(example(property))</p>\(members(of: property.schema))</li>
        """
    }

    /// A text of the description, which is CommonMark in `/openapi.json`: what stands between backticks is code.
    static func sentence(_ text: String) -> HTML {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
            index.isMultiple(of: 2) ? HTML.text(String(part)) : "<code>\(String(part))</code>"
        }.joined()
    }

    /// The example of a value without members: those of objects have their own.
    private static func example(_ property: Schema.Property) -> HTML {
        guard let example = property.example, property.schema.example == nil else { return "" }
        return " Example: <code>\(example.text)</code>"
    }

    /// A name with its type, and whether it is optional.
    static func head(_ name: String, _ schema: Schema, isRequired: Bool) -> HTML {
        let optional: HTML = isRequired ? "" : " <span class=\"optional\">optional</span>"
        return "<code class=\"name\">\(name)</code> <span class=\"type\">\(type(of: schema))</span>\(optional)"
    }

    /// The members of an object, or of the objects in an array; none for other values.
    static func properties(of schema: Schema) -> [Schema.Property] {
        switch schema {
        case .object(let properties), .fields(let properties): properties
        case .array(let element): self.properties(of: element)
        case .nullable(let schema): properties(of: schema)
        default: []
        }
    }

    /// One phrase: `array of Suppression`, `one of a, b`.
    static func type(of schema: Schema) -> HTML {
        switch schema {
        case .string: "string"
        case .formatted(let format): .text(Self.formats[format] ?? format)
        case .words(let words): "one of \(words.map { "<code>\($0)</code>" as HTML }.joined(", "))"
        case .integer(let range): .text(Self.integer(range))
        case .number: "number"
        case .boolean: "<code>true</code> or <code>false</code>"
        case .array(let element): "array of \(type(of: element))"
        case .object, .fields: "object"
        case .map(let element): "object, each member \(type(of: element))"
        case .either(let schemas): schemas.map(type).joined(", or ")
        case .nullable(let schema): "\(type(of: schema)), or <code>null</code>"
        case .reference(let component): "<a href=\"#schema-\(component.name)\">\(component.name)</a>"
        }
    }

    /// An integer with its range.
    static func integer(_ range: ClosedRange<Int64>?) -> String {
        guard let range else { return "integer" }
        return range.upperBound == .max ? "integer from \(range.lowerBound)" : "integer from \(range.lowerBound) to \(range.upperBound)"
    }

    private static let formats = ["date-time": "time (RFC 3339)", "email": "email address", "uri": "URL", "uuid": "UUID"]
}
