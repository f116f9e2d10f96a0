/// A value of a parameter or column, of the types that both engines have.
package enum DatabaseValue: Sendable, Hashable {
    /// NULL.
    case null
    /// An integer of 64 bits.
    case integer(Int64)
    /// A floating-point number of 64 bits.
    case real(Double)
    /// A text.
    case text(String)
    /// Bytes.
    case blob([UInt8])

    /// Returns a text; NULL for `nil`.
    package static func text(_ value: String?) -> DatabaseValue {
        value.map { .text($0) } ?? .null
    }

    /// Returns an integer; NULL for `nil`.
    package static func integer(_ value: Int64?) -> DatabaseValue {
        value.map { .integer($0) } ?? .null
    }

    /// Returns an integer.
    package static func integer(_ value: Int) -> DatabaseValue {
        .integer(Int64(value))
    }

    /// Returns 1 for true, 0 for false.
    package static func bool(_ value: Bool) -> DatabaseValue {
        .integer(value ? 1 : 0)
    }
}

extension String {
    /// The text in a form that both engines can store: U+0000, which PostgreSQL does not allow, becomes U+FFFD.
    ///
    /// Requests with U+0000 are refused when they are parsed. The report of another mail server on a bounce cannot be refused.
    package var everywhereStorable: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
