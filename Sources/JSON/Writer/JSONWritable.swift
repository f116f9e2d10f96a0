/// A type whose values ``JSONWriter`` can write.
package protocol JSONWritable {
    /// Writes the value, exactly one.
    func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
    /// Writes a string.
    ///
    /// Line and paragraph separators (U+2028, U+2029) are not escaped.
    package func write(to writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONWritable {
    /// Writes `true` or `false`.
    package func write(to writer: inout JSONWriter) {
        if self { writer.literal("true") } else { writer.literal("false") }
    }
}

extension Int: JSONWritable {
    /// Writes an integer.
    package func write(to writer: inout JSONWriter) { writer.integer(Int64(self)) }
}

extension Int64: JSONWritable {
    /// Writes an integer.
    package func write(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Double: JSONWritable {
    /// Writes the shortest text that reads back as the same number, such as `0.0`; `null` for infinities and NaN.
    package func write(to writer: inout JSONWriter) {
        if isFinite { writer.number(description) } else { writer.null() }
    }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// Writes the value, or `null`.
    package func write(to writer: inout JSONWriter) {
        if let self { self.write(to: &writer) } else { writer.null() }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// Writes an array.
    package func write(to writer: inout JSONWriter) {
        writer.array { for element in self { element.write(to: &$0) } }
    }
}

extension JSONValue: JSONWritable {
    /// Writes the value.
    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): value.write(to: &writer)
        case .number(let value): value.write(to: &writer)
        case .string(let value): writer.string(value)
        case .array(let elements): elements.write(to: &writer)
        case .object(let members): members.write(to: &writer)
        }
    }

    /// The value as compact JSON in UTF-8.
    package var serialized: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

extension JSONNumber: JSONWritable {
    /// Writes the number as it was written.
    package func write(to writer: inout JSONWriter) {
        switch storage {
        case .integer(let value): writer.integer(value)
        case .text(let text): writer.number(text)
        }
    }
}

extension JSONObject: JSONWritable {
    /// Writes the members in their order.
    package func write(to writer: inout JSONWriter) {
        writer.object { for member in self { $0.member(member.name, member.value) } }
    }
}
