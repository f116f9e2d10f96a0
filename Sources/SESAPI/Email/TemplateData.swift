import JSON

/// The values of the variables of a template: the JSON object in `TemplateData`.
enum TemplateData {
    /// Reads the values; none for an empty text.
    ///
    /// - Parameter defaults: those of the whole bulk call, which the object's own go before.
    /// - Throws: ``SESFault`` for anything but an object of texts, numbers, true and false: there are no parts that repeat here.
    static func values(_ text: String?, over defaults: [String: String] = [:]) throws(SESFault) -> [String: String] {
        guard let text, !text.isEmpty else { return defaults }
        guard let object = try? JSONValue.parse(text.utf8).objectValue else {
            throw .invalid("TemplateData: expected a JSON object")
        }
        var values = defaults
        for member in object {
            switch member.value {
            case .string(let value): values[member.name] = value
            case .number(let value): values[member.name] = value.description
            case .bool(let value): values[member.name] = String(value)
            case .null: values[member.name] = ""
            case .array, .object: throw .unsupported("A value of TemplateData that is an array or an object")
            }
        }
        return values
    }
}
