/// What a database could not do.
package struct DatabaseError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another process or node holds what the transaction needs, and went on holding it.
        case busy
        /// Nobody answers, or the connection broke.
        case unavailable
        /// The disk is full.
        case full
        /// A constraint refused the rows.
        case constraint
        /// The database was closed by us.
        case closed
        /// The file is damaged or is no database.
        case corrupt
        /// Anything else: a fault of ours.
        case other
    }

    package var code: Code
    /// The engine's own words. May name columns, never values.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// True where the same call may succeed later: the client is told 503 with `Retry-After`.
    package var isTemporary: Bool {
        switch code {
        case .busy, .unavailable, .full, .closed: true
        case .constraint, .corrupt, .other: false
        }
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
