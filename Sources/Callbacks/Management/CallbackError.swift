/// Why something about callbacks cannot be done.
public struct CallbackError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        case notFound, invalid
    }

    public var code: Code
    /// A sentence that names the field.
    public var description: String

    static func notFound(_ what: String) -> CallbackError {
        CallbackError(code: .notFound, description: "\(what) not found")
    }

    static func invalid(_ field: String, _ explanation: String) -> CallbackError {
        CallbackError(code: .invalid, description: "\(field): \(explanation)")
    }
}
