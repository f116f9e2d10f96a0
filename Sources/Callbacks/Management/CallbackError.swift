/// Why something about callbacks cannot be done.
package struct CallbackError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable {
        case notFound, invalid
    }

    package var code: Code
    /// A sentence that names the field.
    package var description: String

    static func notFound(_ what: String) -> CallbackError {
        CallbackError(code: .notFound, description: "\(what) not found")
    }

    static func invalid(_ field: String, _ explanation: String) -> CallbackError {
        CallbackError(code: .invalid, description: "\(field): \(explanation)")
    }
}
