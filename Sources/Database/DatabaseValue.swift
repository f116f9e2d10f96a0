/// A value as both engines know it.
public enum DatabaseValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    public static func text(_ value: String?) -> DatabaseValue {
        value.map { .text($0) } ?? .null
    }

    public static func integer(_ value: Int64?) -> DatabaseValue {
        value.map { .integer($0) } ?? .null
    }

    public static func integer(_ value: Int) -> DatabaseValue {
        .integer(Int64(value))
    }

    public static func bool(_ value: Bool) -> DatabaseValue {
        .integer(value ? 1 : 0)
    }
}
