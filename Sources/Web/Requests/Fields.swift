package import Hummingbird
package import JSON
package import MailModel

/// Reads the members of a JSON object and collects all faults, so that one error names them all.
///
/// Read every field that the operation knows, then call ``check(missingStatus:)``: members that were not read are unknown fields.
package struct Fields {
    private let object: JSONObject
    /// Whether `null` counts as a field that is not given; otherwise it is a value of the wrong type.
    private let nullIsAbsent: Bool
    private var known: [String] = []
    private var missing: [FieldFault] = []
    private var faults: [FieldFault] = []
    /// Stands before the names in messages: `attachments[0].`, for an object inside another.
    private let prefix: String

    /// - Parameters:
    ///   - nullIsAbsent: whether `null` counts as a field that is not given.
    ///   - place: where the object stands in the body, for messages: `attachments[0]`; `nil` for the body itself.
    package init(_ object: JSONObject, nullIsAbsent: Bool = false, at place: String? = nil) {
        self.object = object
        prefix = place.map { "\($0)." } ?? ""
        self.nullIsAbsent = nullIsAbsent
        known.reserveCapacity(16)
    }

    /// Reads a string; `nil` where the field is not given, or of another type.
    package mutating func string(_ name: String) -> String? {
        value(name, "a string") { $0.stringValue }
    }

    /// Reads a string that has to be given; empty where it is not.
    package mutating func requiredString(_ name: String) -> String {
        require(name)
        return string(name) ?? ""
    }

    /// Reads `true` or `false`.
    package mutating func boolean(_ name: String) -> Bool? {
        value(name, "true or false") { $0.boolValue }
    }

    /// Reads a whole number; `7.0` is accepted too, because some JSON writers have no integers.
    package mutating func integer(_ name: String) -> Int64? {
        value(name, "a whole number") { $0.integerValue ?? $0.doubleValue.flatMap(Int64.init(exactly:)) }
    }

    /// Reads a number.
    package mutating func number(_ name: String) -> Double? {
        value(name, "a number") { $0.doubleValue }
    }

    /// Reads an array of strings.
    package mutating func strings(_ name: String) -> [String]? {
        value(name, "an array of strings") { $0.strings }
    }

    /// Reads one of the values of an enumeration.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        value(name, Self.oneOf(Choice.allCases.map(\.rawValue))) { $0.stringValue.flatMap(Choice.init(rawValue:)) }
    }

    /// Reads one of some words.
    package mutating func choice(_ name: String, from words: [String]) -> String? {
        value(name, Self.oneOf(words)) { $0.stringValue.flatMap { words.contains($0) ? $0 : nil } }
    }

    private static func oneOf(_ words: [String]) -> String {
        "one of \(words.joined(separator: ", "))"
    }

    /// Reads a value of another kind.
    ///
    /// - Parameters:
    ///   - expected: the expected type, for the message: `an object of strings`.
    ///   - read: returns `nil` for a value of another type.
    package mutating func value<Value>(_ name: String, _ expected: @autoclosure () -> String, _ read: (JSONValue) -> Value?) -> Value? {
        guard let json = member(name) else { return nil }
        if let value = read(json) { return value }
        // A text that is none of the expected ones is of the right type.
        refuse(name, code: json.stringValue == nil ? .wrongType : .invalidValue, "expected \(expected()), found \(json.shown)")
        return nil
    }

    /// Reads a value of another kind that has to be given.
    package mutating func requiredValue<Value>(
        _ name: String, _ expected: @autoclosure () -> String, _ read: (JSONValue) -> Value?
    ) -> Value? {
        require(name)
        return value(name, expected(), read)
    }

    /// Adds a fault that only the caller can detect.
    package mutating func refuse(_ name: String, code: RefusalCode = .invalidValue, _ explanation: String) {
        faults.append(fault(name, code, explanation))
    }

    /// Adds the faults of an object inside this one, which names its own fields.
    package mutating func refuse(_ error: APIError) {
        faults += error.faults
    }

    private func fault(_ name: String, _ code: RefusalCode, _ explanation: String) -> FieldFault {
        FieldFault(field: prefix + name, code: code, message: "\(prefix)\(name): \(explanation)")
    }

    /// Whether the field was given, also as `null`.
    package func contains(_ name: String) -> Bool {
        object[name] != nil
    }

    private mutating func require(_ name: String) {
        let isAbsent = nullIsAbsent ? object[name] == nil || object[name] == .null : object[name] == nil
        if isAbsent { missing.append(fault(name, .missingField, "missing, the field is required")) }
    }

    private mutating func member(_ name: String) -> JSONValue? {
        known.append(name)
        guard let value = object[name], !(nullIsAbsent && value == .null) else { return nil }
        return value
    }
}

extension Fields {
    /// The maximum of faults in the sentence of an error, and in all.
    private static let mostFaults = (sentence: 10, all: 100)

    /// Refuses the object where it has faults.
    ///
    /// - Parameter missingStatus: the status for a missing field.
    /// - Throws: one error that names every fault.
    package func check(missingStatus: HTTPResponse.Status = .unprocessableContent) throws(APIError) {
        let unknown = object.names.lazy.filter { !known.contains($0) }.map { fault(Self.shown($0), .unknownField, "unknown field") }
        let all = missing + faults + unknown.prefix(Self.mostFaults.all)
        guard let first = all.first else { return }
        var error = APIError(
            missing.isEmpty ? .unprocessableContent : missingStatus, code: first.code,
            all.prefix(Self.mostFaults.sentence).map(\.message).joined(separator: "; "))
        error.faults = Array(all.prefix(Self.mostFaults.all))
        throw error
    }

    /// Returns a text of a client in a form that may be quoted in answers and logs: shortened, and without control characters.
    package static func shown(_ name: String) -> String {
        let printable = name.unicodeScalars.prefix(64).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: printable)
        return name.isEmpty ? "\"\"" : String(text)
    }
}

extension JSONValue {
    /// A description of an unexpected value: a short one as it is, a long one by its kind.
    fileprivate var shown: String {
        switch self {
        case .string(let text) where text.utf8.count <= 40: "\"\(Fields.shown(text))\""
        case .number(let number) where number.description.utf8.count <= 40: number.description
        case .bool(let value): String(value)
        default: kind
        }
    }

    /// The elements of an array of strings; `nil` for any other value.
    package var strings: [String]? {
        guard let elements = arrayValue else { return nil }
        let strings = elements.compactMap(\.stringValue)
        return strings.count == elements.count ? strings : nil
    }
}
