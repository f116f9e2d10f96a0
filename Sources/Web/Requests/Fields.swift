package import Hummingbird
package import JSON

/// Reads the members of a JSON object, and collects everything that is wrong with them, so that the caller is told at once.
///
/// Read every field the call knows, then ``check()``: what was not asked for is an unknown field.
package struct Fields {
    private let object: JSONObject
    /// Whether `null` stands for a field that is not given; otherwise it is a value of the wrong type.
    private let nullIsAbsent: Bool
    private var known: [String] = []
    private var missing: [String] = []
    private var faults: [String] = []

    package init(_ object: JSONObject, nullIsAbsent: Bool = false) {
        self.object = object
        self.nullIsAbsent = nullIsAbsent
        known.reserveCapacity(16)
    }

    package mutating func string(_ name: String) -> String? {
        value(name, "a string") { $0.stringValue }
    }

    package mutating func requiredString(_ name: String) -> String {
        require(name)
        return string(name) ?? ""
    }

    package mutating func boolean(_ name: String) -> Bool? {
        value(name, "true or false") { $0.boolValue }
    }

    /// A whole number; `7.0` is taken too, as some JSON writers know no integers.
    package mutating func integer(_ name: String) -> Int64? {
        value(name, "a whole number") { $0.integerValue ?? $0.doubleValue.flatMap(Int64.init(exactly:)) }
    }

    package mutating func number(_ name: String) -> Double? {
        value(name, "a number") { $0.doubleValue }
    }

    package mutating func strings(_ name: String) -> [String]? {
        value(name, "an array of strings") { $0.strings }
    }

    /// One of a set of words.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        value(name, Self.oneOf(Choice.allCases.map(\.rawValue))) { $0.stringValue.flatMap(Choice.init(rawValue:)) }
    }

    package mutating func choice(_ name: String, from words: [String]) -> String? {
        value(name, Self.oneOf(words)) { $0.stringValue.flatMap { words.contains($0) ? $0 : nil } }
    }

    private static func oneOf(_ words: [String]) -> String {
        "one of \(words.joined(separator: ", "))"
    }

    /// A value of another kind.
    ///
    /// - Parameters:
    ///   - expected: what it has to be, for the message: `an object of strings`.
    ///   - read: `nil` where it is something else.
    package mutating func value<Value>(_ name: String, _ expected: @autoclosure () -> String, _ read: (JSONValue) -> Value?) -> Value? {
        guard let json = member(name) else { return nil }
        if let value = read(json) { return value }
        faults.append("\(name): expected \(expected()), found \(json.shown)")
        return nil
    }

    package mutating func requiredValue<Value>(
        _ name: String, _ expected: @autoclosure () -> String, _ read: (JSONValue) -> Value?
    ) -> Value? {
        require(name)
        return value(name, expected(), read)
    }

    /// Notes a fault that only the caller can see.
    package mutating func refuse(_ name: String, _ explanation: String) {
        faults.append("\(name): \(explanation)")
    }

    /// True when the field was given, be it `null`.
    package func contains(_ name: String) -> Bool {
        object[name] != nil
    }

    private mutating func require(_ name: String) {
        let isAbsent = nullIsAbsent ? object[name] == nil || object[name] == .null : object[name] == nil
        if isAbsent { missing.append(name) }
    }

    private mutating func member(_ name: String) -> JSONValue? {
        known.append(name)
        guard let value = object[name], !(nullIsAbsent && value == .null) else { return nil }
        return value
    }
}

extension Fields {
    /// The most faults told at once.
    private static let mostFaults = 10

    /// - Parameter missingStatus: the status for a missing field.
    /// - Throws: one error that names every fault.
    package func check(missingStatus: HTTPResponse.Status = .unprocessableContent) throws(APIError) {
        let unknown = object.names.filter { !known.contains($0) }
        let all = missing.map { "\($0): missing, the field is required" } + faults + unknown.map { "\(Self.shown($0)): unknown field" }
        guard !all.isEmpty else { return }
        throw APIError(missing.isEmpty ? .unprocessableContent : missingStatus, all.prefix(Self.mostFaults).joined(separator: "; "))
    }

    /// A name that came from outside, short enough to be told back, without what disturbs a terminal.
    package static func shown(_ name: String) -> String {
        let printable = name.unicodeScalars.prefix(64).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: printable)
        return name.isEmpty ? "\"\"" : String(text)
    }
}

extension JSONValue {
    /// What was found where something else was expected: short values as they are, long ones by their kind.
    fileprivate var shown: String {
        switch self {
        case .string(let text) where text.utf8.count <= 40: "\"\(Fields.shown(text))\""
        case .number(let number) where number.description.utf8.count <= 40: number.description
        case .bool(let value): String(value)
        default: kind
        }
    }

    /// The elements of an array that has only strings.
    package var strings: [String]? {
        guard let elements = arrayValue else { return nil }
        let strings = elements.compactMap(\.stringValue)
        return strings.count == elements.count ? strings : nil
    }
}
