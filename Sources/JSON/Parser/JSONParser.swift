extension JSONValue {
    /// Parses one document, strictly by RFC 8259: UTF-8, no comments, no trailing commas, no duplicate names.
    ///
    /// Arrays and objects may be nested 64 levels deep, and a document may have 500,000 values. The time is linear in the length.
    ///
    /// - Throws: ``JSONError`` for the first fault.
    package static func parse(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        let result = bytes.withContiguousStorageIfAvailable { JSONParser.parse($0, isLenient: false) }
        return try (result ?? Array(bytes).withUnsafeBufferPointer { JSONParser.parse($0, isLenient: false) }).get()
    }

    /// Parses one document of another system, which cannot be asked to correct it: a fault inside a value affects that value at the most.
    ///
    /// - In strings, half a surrogate pair, a byte that is not UTF-8 and an unknown escape become U+FFFD; control characters may stand unescaped.
    /// - Of members with the same name the last value counts, in the position of the first.
    /// - Arrays and objects nested more than 64 levels deep are skipped and read as `null`; the number of values is bounded as in ``parse(_:)``.
    /// - A byte order mark before the document is skipped.
    ///
    /// The structure has to be valid: a document that is cut off, or followed by something else, is an error.
    ///
    /// - Throws: ``JSONError`` for the first fault of the structure.
    package static func parseLeniently(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        let result = bytes.withContiguousStorageIfAvailable { JSONParser.parse($0, isLenient: true) }
        return try (result ?? Array(bytes).withUnsafeBufferPointer { JSONParser.parse($0, isLenient: true) }).get()
    }
}

/// A recursive-descent parser over contiguous bytes, which must outlive it.
struct JSONParser {
    static let maximumDepth = 64
    /// A value takes some thirty bytes of memory, and can be written in two.
    static let maximumValues = 500_000

    let bytes: UnsafeBufferPointer<UInt8>
    /// Whether faults inside values are tolerated: see ``JSONValue/parseLeniently(_:)``.
    let isLenient: Bool
    var position = 0
    private var depth = 0
    private var valueCount = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>, isLenient: Bool) {
        self.bytes = bytes
        self.isLenient = isLenient
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLenient: Bool) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes, isLenient: isLenient)
        do throws(JSONFault) {
            return .success(try parser.document())
        } catch {
            return .failure(error.error(in: bytes))
        }
    }

    private mutating func document() throws(JSONFault) -> JSONValue {
        if isLenient, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipWhitespace()
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw JSONFault(offset: position, reason: .trailing) }
        return value
    }

    /// The byte at the position; at the end 0, with which no token begins.
    var next: UInt8 {
        position < bytes.count ? bytes[position] : 0
    }

    func expected(_ what: String) -> JSONFault {
        JSONFault(offset: position, reason: .expected(what))
    }

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// Parses a value at the position, where white space has been skipped.
    private mutating func value() throws(JSONFault) -> JSONValue {
        valueCount += 1
        guard valueCount <= Self.maximumValues else { throw JSONFault(offset: position, reason: .tooMany(limit: Self.maximumValues)) }
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{") where isLenient && depth == Self.maximumDepth,
            UInt8(ascii: "[") where isLenient && depth == Self.maximumDepth:
            try skipNested()
            return .null
        case UInt8(ascii: "{"): return .object(try nested { parser throws(JSONFault) in try parser.object() })
        case UInt8(ascii: "["): return .array(try nested { parser throws(JSONFault) in try parser.array() })
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try keyword("true", .bool(true))
        case UInt8(ascii: "f"): return try keyword("false", .bool(false))
        case UInt8(ascii: "n"): return try keyword("null", .null)
        default: throw expected("a value")
        }
    }

    private mutating func keyword(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        let rest = UnsafeBufferPointer(rebasing: bytes[position...].prefix(word.utf8CodeUnitCount))
        guard rest.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)) else {
            throw expected("a value")
        }
        position += rest.count
        return value
    }

    private mutating func nested<T>(_ body: (inout JSONParser) throws(JSONFault) -> T) throws(JSONFault) -> T {
        guard depth < Self.maximumDepth else {
            throw JSONFault(offset: position, reason: .tooDeep(limit: Self.maximumDepth))
        }
        depth += 1
        defer { depth -= 1 }
        position += 1
        skipWhitespace()
        return try body(&self)
    }

    /// Skips an array or object: brackets are counted, strings are skipped.
    private mutating func skipNested() throws(JSONFault) {
        var open = 0
        repeat {
            switch next {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): open -= 1
            case UInt8(ascii: "\""):
                _ = try string()
                continue
            default: break
            }
            guard position < bytes.count else { throw expected("the end of an array or object") }
            position += 1
        } while open > 0
    }

    private mutating func array() throws(JSONFault) -> [JSONValue] {
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        repeat {
            skipWhitespace()
            elements.append(try value())
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw expected("\",\" or \"]\"") }
        return elements
    }

    private mutating func object() throws(JSONFault) -> JSONObject {
        var members = JSONMembers()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        repeat {
            skipWhitespace()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw expected("a member name in double quotes") }
            let name = try string()
            let earlier = members.position(of: name)
            guard earlier == nil || isLenient else { throw JSONFault(offset: start, reason: .duplicateName(name)) }
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw expected("\":\" after the member name") }
            skipWhitespace()
            members.set(.init(name: name, value: try value()), at: earlier)
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw expected("\",\" or \"}\"") }
        return JSONObject(members: members)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }
}
