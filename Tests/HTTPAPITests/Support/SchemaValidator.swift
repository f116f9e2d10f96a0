import JSON
import MailModel

@testable import HTTPAPI

/// Compares values with the schemas of the API, more strictly than the schemas are: an object has no member that is not described.
enum SchemaValidator {
    /// Returns what is wrong with a value, each with its path; empty where it fits.
    static func faults(of value: JSONValue, against schema: Schema, at path: String = "$") -> [String] {
        if isValid(value, schema) { return memberFaults(of: value, schema, path) }
        return ["\(path): expected \(schema.phrase), found \(String(decoding: value.serialized.prefix(80), as: UTF8.self))"]
    }

    /// Whether the value itself is of the schema, whatever its members are.
    private static func isValid(_ value: JSONValue, _ schema: Schema) -> Bool {
        switch schema {
        case .string: value.stringValue != nil
        case .formatted(let format): value.stringValue.map { isValid($0, format: format) } ?? false
        case .words(let words): value.stringValue.map(words.contains) ?? false
        case .integer(let range): value.integerValue.map { range?.contains($0) ?? true } ?? false
        case .number: value.doubleValue != nil
        case .boolean: value.boolValue != nil
        case .array: value.arrayValue != nil
        case .object, .fields, .map: value.objectValue != nil
        case .either(let schemas): schemas.contains { faults(of: value, against: $0).isEmpty }
        case .nullable(let schema): value == .null || isValid(value, schema)
        case .reference(let component): isValid(value, component.schema)
        }
    }

    private static func isValid(_ text: String, format: String) -> Bool {
        switch format {
        case "date-time": Timestamp(rfc3339: text) != nil
        case "email": (try? EmailAddress(text)) != nil
        case "uri": WebURL(text) != nil
        case "uuid": EmailID(text) != nil
        default: false
        }
    }

    private static func memberFaults(of value: JSONValue, _ schema: Schema, _ path: String) -> [String] {
        switch schema {
        case .array(let element):
            (value.arrayValue ?? []).enumerated().flatMap { faults(of: $1, against: element, at: "\(path)[\($0)]") }
        case .map(let element):
            (value.objectValue ?? JSONObject()).flatMap { faults(of: $0.value, against: element, at: "\(path).\($0.name)") }
        case .object(let properties), .fields(let properties): faults(of: value.objectValue ?? JSONObject(), properties, path)
        case .nullable(let schema): value == .null ? [] : memberFaults(of: value, schema, path)
        case .reference(let component): memberFaults(of: value, component.schema, path)
        case .string, .formatted, .words, .integer, .number, .boolean, .either: []
        }
    }

    private static func faults(of object: JSONObject, _ properties: [Schema.Property], _ path: String) -> [String] {
        // An object without properties is of any form.
        guard !properties.isEmpty else { return [] }
        let known = Set(properties.map(\.name))
        let unknown = object.names.filter { !known.contains($0) }.map { "\(path).\($0): not described" }
        let missing = properties.filter { $0.isRequired && object[$0.name] == nil }.map { "\(path).\($0.name): missing" }
        return unknown + missing
            + properties.flatMap { property in
                object[property.name].map { faults(of: $0, against: property.schema, at: "\(path).\(property.name)") } ?? []
            }
    }
}

extension Schema {
    fileprivate var phrase: String {
        switch self {
        case .formatted(let format): "a string of the format \(format)"
        case .words(let words): "one of \(words.joined(separator: ", "))"
        case .reference(let component): component.name
        case .nullable(let schema): "\(schema.phrase), or null"
        case .either(let schemas): schemas.map(\.phrase).joined(separator: ", or ")
        default: "\(self)".prefix { $0 != "(" }.description
        }
    }

    /// The components that it refers to, also through each other, as often as it does.
    var components: [Component] {
        switch self {
        case .reference(let component): [component] + component.schema.components
        case .object(let properties), .fields(let properties): properties.flatMap(\.schema.components)
        case .array(let schema), .map(let schema), .nullable(let schema): schema.components
        case .either(let schemas): schemas.flatMap(\.components)
        case .string, .formatted, .words, .integer, .number, .boolean: []
        }
    }

    /// The properties of its objects, also of those inside, without those of components.
    var properties: [Property] {
        switch self {
        case .object(let properties), .fields(let properties): properties + properties.flatMap(\.schema.properties)
        case .array(let schema), .map(let schema), .nullable(let schema): schema.properties
        case .either(let schemas): schemas.flatMap(\.properties)
        case .string, .formatted, .words, .integer, .number, .boolean, .reference: []
        }
    }
}
