/// What is wrong with a change of keys.
public struct KeyError: Error, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        case notFound
        /// A value that cannot be: ``KeyError/field`` says which.
        case invalid
    }

    public var code: Code
    /// The name of the field as the API knows it, where one is to blame.
    public var field: String?
    /// A sentence for whoever made the call.
    public var description: String

    static let notFound = KeyError(code: .notFound, field: nil, description: "API key not found")

    static func invalid(_ field: String, _ explanation: String) -> KeyError {
        KeyError(code: .invalid, field: field, description: "\(field): \(explanation)")
    }
}
