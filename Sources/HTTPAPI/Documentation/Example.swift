import JSON

/// A realistic value in the description of the API, written as a literal.
struct Example: Sendable, Equatable {
    let value: JSONValue

    init(_ value: JSONValue) {
        self.value = value
    }

    /// An object with these members; a name that comes twice has the last value.
    init(members: [(name: String, value: Example)]) {
        var object = JSONObject()
        for member in members { object[member.name] = member.value.value }
        value = .object(object)
    }

    init(elements: [Example]) {
        value = .array(elements.map(\.value))
    }

    /// The value as compact JSON.
    var text: String { String(decoding: value.serialized, as: UTF8.self) }
}

extension Example: JSONWritable {
    func write(to writer: inout JSONWriter) { value.write(to: &writer) }
}

extension Example: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self.init(.string(value)) }

    init(integerLiteral value: Int64) { self.init(.number(JSONNumber(value))) }

    /// `null` for infinities and NaN, which JSON does not have.
    init(floatLiteral value: Double) { self.init(JSONNumber(value).map(JSONValue.number) ?? .null) }

    init(booleanLiteral value: Bool) { self.init(.bool(value)) }

    init(arrayLiteral elements: Example...) { self.init(elements: elements) }

    init(dictionaryLiteral elements: (String, Example)...) { self.init(members: elements.map { (name: $0.0, value: $0.1) }) }
}
