import CLibPQ
import Database

/// One row of a result. Results come in text form: it is the same for every numeric type, also that of `SUM`.
struct PostgresRow: DatabaseRow {
    let result: OpaquePointer
    let row: Int32

    func isNull(_ column: Int) -> Bool { PQgetisnull(result, row, Int32(column)) == 1 }

    func integer(_ column: Int) -> Int64 {
        let text = text(column)
        // A boolean expression comes as `t` or `f`.
        return Int64(text) ?? (text == "t" ? 1 : 0)
    }

    func real(_ column: Int) -> Double { Double(text(column)) ?? 0 }

    func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// Hexadecimal behind `\x`, the default of `bytea_output`.
    func blob(_ column: Int) -> [UInt8] {
        let digits = bytes(column).dropFirst(2)
        var blob: [UInt8] = []
        blob.reserveCapacity(digits.count / 2)
        var index = digits.startIndex
        while index + 1 < digits.endIndex {
            blob.append(Self.value(digits[index]) << 4 | Self.value(digits[index + 1]))
            index += 2
        }
        return blob
    }

    private func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        let count = Int(PQgetlength(result, row, Int32(column)))
        guard let start = PQgetvalue(result, row, Int32(column)) else { return UnsafeBufferPointer(start: nil, count: 0) }
        // libpq keeps the bytes until the result is cleared.
        return UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: count)
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
    }
}
