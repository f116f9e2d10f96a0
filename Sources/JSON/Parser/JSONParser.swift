extension JSONValue {
    /// Reads one document, strictly by RFC 8259: UTF-8, no comments, no trailing commas, no duplicate names.
    ///
    /// Arrays and objects may be nested 64 levels deep. The time taken grows with the length only.
    public static func parse(_ bytes: some Collection<UInt8>) throws(JSONError) -> JSONValue {
        let result = bytes.withContiguousStorageIfAvailable(JSONParser.parse)
        return try (result ?? Array(bytes).withUnsafeBufferPointer(JSONParser.parse)).get()
    }
}

/// A recursive-descent parser over contiguous bytes, which must outlive it.
struct JSONParser {
    static let maximumDepth = 64

    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    private var depth = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
        var parser = JSONParser(bytes)
        do throws(JSONFault) {
            return .success(try parser.document())
        } catch {
            return .failure(error.error(in: bytes))
        }
    }

    private mutating func document() throws(JSONFault) -> JSONValue {
        skipWhitespace()
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw JSONFault(offset: position, reason: .trailing) }
        return value
    }

    /// The byte at the position; 0, which no token begins with, at the end.
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

    /// - Precondition: white space is skipped.
    private mutating func value() throws(JSONFault) -> JSONValue {
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
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
            guard members.reserve(name) else { throw JSONFault(offset: start, reason: .duplicateName(name)) }
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw expected("\":\" after the member name") }
            skipWhitespace()
            members.list.append(.init(name: name, value: try value()))
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw expected("\",\" or \"}\"") }
        return JSONObject(members: members.list)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }
}

/// The members read so far. Names are compared one by one while they are few, and hashed once they are many.
private struct JSONMembers {
    private static let few = 16

    var list: [JSONObject.Member] = []
    private var names: Set<String> = []

    /// False when the name was there before.
    mutating func reserve(_ name: String) -> Bool {
        if list.count < Self.few { return !list.contains { $0.name == name } }
        if names.isEmpty { names = Set(list.map(\.name)) }
        return names.insert(name).inserted
    }
}
