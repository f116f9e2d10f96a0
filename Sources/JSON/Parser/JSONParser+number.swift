extension JSONParser {
    /// Parses a number (RFC 8259 section 6).
    mutating func number() throws(JSONFault) -> JSONNumber {
        let start = position
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let integer = try integerPart(isNegative: isNegative)
        let end = position
        try fraction()
        try exponent()
        // -0 is kept as text: as an integer it would lose its sign.
        if position == end, let integer, !(isNegative && integer == 0) { return JSONNumber(integer) }
        return JSONNumber(storage: .text(String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)))
    }

    /// Parses the digits before the point; `nil` when their value does not fit into 64 bits.
    private mutating func integerPart(isNegative: Bool) throws(JSONFault) -> Int64? {
        let start = position
        var value: Int64 = 0
        var overflow = false
        while let digit {
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            overflow = overflow || overflowed || carried
            value = sum
            position += 1
        }
        guard position > start else { throw expected("a digit") }
        guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else { throw JSONFault(offset: start, reason: .leadingZero) }
        return overflow ? nil : value
    }

    private var digit: Int64? {
        let value = next &- UInt8(ascii: "0")
        return value <= 9 ? Int64(value) : nil
    }

    private mutating func fraction() throws(JSONFault) {
        guard next == UInt8(ascii: ".") else { return }
        position += 1
        try digits()
    }

    private mutating func exponent() throws(JSONFault) {
        guard next | 0x20 == UInt8(ascii: "e") else { return }
        position += 1
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
        try digits()
    }

    private mutating func digits() throws(JSONFault) {
        guard digit != nil else { throw expected("a digit") }
        while digit != nil { position += 1 }
    }
}
