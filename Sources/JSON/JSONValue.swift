/// A JSON document or a part of one (RFC 8259).
///
/// Foundation's `JSONDecoder` is not used, since it takes more time than everything else in a `POST /emails`.
package enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number.
    case number(JSONNumber)
    /// A string, without the escapes of its text.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
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

    /// The value if it is a number written as an integer that fits into 64 bits, `nil` otherwise.
    ///
    /// See ``JSONNumber/integer``.
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

    /// The type of the value for messages, such as `a string`, `an object` or `null`.
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
