/// The place of an operation in a distributed trace (W3C Trace Context, section 3.2): what `traceparent` says.
package struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    /// The upper half of the trace's id.
    package let traceHigh: UInt64
    /// The lower half of the trace's id; one of both is not 0.
    package let traceLow: UInt64
    /// The id of the operation, not 0.
    package let spanID: UInt64
    /// Whether the operation is recorded.
    package let isSampled: Bool

    /// A context with these ids.
    package init(traceHigh: UInt64, traceLow: UInt64, spanID: UInt64, isSampled: Bool) {
        (self.traceHigh, self.traceLow, self.spanID, self.isSampled) = (traceHigh, traceLow, spanID, isSampled)
    }

    /// Reads a `traceparent`; `nil` for what the recommendation says to ignore.
    ///
    /// Later versions may have more behind the flags.
    package init?(traceparent text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = Self.number(bytes[0..<2]), version != 0xFF, let high = Self.number(bytes[3..<19]),
            let low = Self.number(bytes[19..<35]), let span = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
            high | low != 0, span != 0, version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == Self.dash
        else { return nil }
        self.init(traceHigh: high, traceLow: low, spanID: span, isSampled: flags & 1 == 1)
    }

    /// The first operation of a new trace.
    package static func root(isSampled: Bool) -> TraceContext {
        TraceContext(
            traceHigh: .random(in: 1...UInt64.max), traceLow: .random(in: 0...UInt64.max), spanID: .random(in: 1...UInt64.max),
            isSampled: isSampled)
    }

    /// Returns a new operation below this one.
    package func child() -> TraceContext {
        TraceContext(traceHigh: traceHigh, traceLow: traceLow, spanID: .random(in: 1...UInt64.max), isSampled: isSampled)
    }

    /// The id of the trace, 32 hexadecimal digits.
    package var traceID: String { Self.text(traceHigh) + Self.text(traceLow) }

    /// The id of the operation, 16 hexadecimal digits.
    package var span: String { Self.text(spanID) }

    /// The `traceparent` by which others go on with the trace.
    package var description: String { "00-\(traceID)-\(span)-\(isSampled ? "01" : "00")" }

    private static let dash = UInt8(ascii: "-")

    /// Upper case is not allowed.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }

    /// Returns the 16 hexadecimal digits of an id.
    package static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
