/// A JSON document or a part of one (RFC 8259).
///
/// Our own, because Foundation's `JSONDecoder` costs more than everything else that happens to a `POST /emails`.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue {
    /// The value if it is a string, `nil` otherwise.
    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value if it is `true` or `false`, `nil` otherwise.
    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value if it is a number written as an integer that fits into 64 bits, `nil` otherwise. See ``JSONNumber/integer``.
    package var integerValue: Int64? {
        if case .number(let value) = self { value.integer } else { nil }
    }

    /// The value if it is a number that a `Double` can hold, `nil` otherwise.
    package var doubleValue: Double? {
        if case .number(let value) = self { value.double } else { nil }
    }

    /// The elements if it is an array, `nil` otherwise.
    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members if it is an object, `nil` otherwise.
    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// What the value is, for messages to people: `a string`, `an object`, `null` …
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
