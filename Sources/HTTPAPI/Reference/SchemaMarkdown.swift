/// Schemas as Markdown: their types in words, and the members of objects as a list.
enum SchemaMarkdown {
    /// The members of an object, a line each, those inside indented; empty for other values.
    static func members(of schema: Schema, indent: String = "") -> String {
        SchemaList.properties(of: schema).map { property in
            let example = property.schema.example == nil ? property.example.map { " Example: `\($0.text)`" } ?? "" : ""
            let optional = property.isRequired ? "" : ", optional"
            return "\(indent)- `\(property.name)` (\(type(of: property.schema))\(optional)): \(property.description)\(example)\n"
                + members(of: property.schema, indent: indent + "  ")
        }.joined()
    }

    /// Query parameters or header fields, a line each.
    static func list(_ parameters: [Documentation.Parameter]) -> String {
        parameters.map { "- `\($0.name)` (\(type(of: $0.schema))\($0.isRequired ? "" : ", optional")): \($0.description)\n" }.joined()
    }

    /// One phrase: `array of Suppression`, `one of a, b`.
    static func type(of schema: Schema) -> String {
        switch schema {
        case .string: "string"
        case .formatted(let format): format
        case .words(let words): "one of \(words.map { "`\($0)`" }.joined(separator: ", "))"
        case .integer(let range): SchemaList.integer(range)
        case .number: "number"
        case .boolean: "boolean"
        case .array(let element): "array of \(type(of: element))"
        case .object, .fields: "object"
        case .map(let element): "object, each member \(type(of: element))"
        case .either(let schemas): schemas.map(type).joined(separator: ", or ")
        case .nullable(let schema): "\(type(of: schema)), or null"
        case .reference(let component): component.name
        }
    }
}
