/// What is wrong with a change of keys.
package struct KeyError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case notFound
        /// A value that cannot be: ``KeyError/field`` says which.
        case invalid
    }

    package var code: Code
    /// The name of the field as the API knows it, where one is to blame.
    package var field: String?
    /// A sentence for whoever made the call.
    package var description: String

    static let notFound = KeyError(code: .notFound, field: nil, description: "API key not found")

    static func invalid(_ field: String, _ explanation: String) -> KeyError {
        KeyError(code: .invalid, field: field, description: "\(field): \(explanation)")
    }
}
