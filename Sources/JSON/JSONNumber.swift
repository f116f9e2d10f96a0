/// A JSON number as it was written, without rounding (RFC 8259 section 6).
package struct JSONNumber: Sendable, Equatable {
    /// An integer of 64 bits, as nearly all numbers are, or else the text of the number.
    enum Storage: Equatable {
        case integer(Int64)
        case text(String)
    }

    let storage: Storage

    init(storage: Storage) {
        self.storage = storage
    }

    /// Creates an integer.
    package init(_ value: Int64) {
        storage = .integer(value)
    }

    /// Creates a number; `nil` for infinities and NaN, which JSON does not have.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        storage = .text(value.description)
    }

    /// The value of a number written as an integer, exactly; `nil` with a fraction or an exponent (`1.0`, `1e3`) and beyond 64 bits.
    package var integer: Int64? {
        switch storage {
        case .integer(let value): value
        case .text(let text): Int64(text)
        }
    }

    /// The nearest `Double`; `nil` where that would be infinite (`1e999`).
    package var double: Double? {
        switch storage {
        case .integer(let value): Double(value)
        case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        }
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The number as JSON.
    package var description: String {
        switch storage {
        case .integer(let value): String(value)
        case .text(let text): text
        }
    }
}
