/// A JSON number, kept as it was written, so that nothing is lost to rounding.
package struct JSONNumber: Sendable, Equatable {
    /// Integers that fit are kept as such, because nearly all numbers are; every other number keeps its text.
    enum Storage: Equatable {
        case integer(Int64)
        case text(String)
    }

    let storage: Storage

    init(storage: Storage) {
        self.storage = storage
    }

    package init(_ value: Int64) {
        storage = .integer(value)
    }

    /// `nil` for infinities and NaN, which JSON cannot say.
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
