/// An error of a database.
package struct DatabaseError: Error, Equatable, CustomStringConvertible {
    /// The kind of an error.
    package enum Code: String, Sendable {
        /// A lock of another transaction or process was not released in time.
        case busy
        /// The server does not answer, or the connection broke.
        case unavailable
        /// The disk is full.
        case full
        /// A constraint refused the rows.
        case constraint
        /// The database was closed by this program.
        case closed
        /// The file is damaged or is no database.
        case corrupt
        /// Any other error, which is a fault of this program.
        case other
    }

    /// The kind.
    package var code: Code
    /// The engine's message.
    ///
    /// It may name columns, never values.
    package var message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later.
    ///
    /// The client is answered 503 with `Retry-After` (specification 5.8).
    package var isTemporary: Bool {
        switch code {
        case .busy, .unavailable, .full, .closed: true
        case .constraint, .corrupt, .other: false
        }
    }

    /// The code and the message.
    package var description: String { "\(code.rawValue): \(message)" }
}
