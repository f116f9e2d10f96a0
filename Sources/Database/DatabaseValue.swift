/// A value as both engines know it.
package enum DatabaseValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    package static func text(_ value: String?) -> DatabaseValue {
        value.map { .text($0) } ?? .null
    }

    package static func integer(_ value: Int64?) -> DatabaseValue {
        value.map { .integer($0) } ?? .null
    }

    package static func integer(_ value: Int) -> DatabaseValue {
        .integer(Int64(value))
    }

    package static func bool(_ value: Bool) -> DatabaseValue {
        .integer(value ? 1 : 0)
    }
}

extension String {
    /// The text as every engine can hold it: PostgreSQL has no text with U+0000, which becomes U+FFFD.
    ///
    /// What users send is refused at the door. What a foreign mail server says about a bounce is not ours to refuse, and must not be lost.
    package var everywhereStorable: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }
}
