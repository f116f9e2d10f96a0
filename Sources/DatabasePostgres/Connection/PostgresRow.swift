import CLibPQ
import Database
import Encoding

/// One row of a result.
///
/// Results are in text format, which is the same for every numeric type, also that of `SUM`.
struct PostgresRow: DatabaseRow {
    let result: OpaquePointer
    let row: Int32

    func isNull(_ column: Int) -> Bool { PQgetisnull(result, row, Int32(column)) == 1 }

    func integer(_ column: Int) -> Int64 {
        let text = text(column)
        // A boolean expression is `t` or `f`.
        return Int64(text) ?? (text == "t" ? 1 : 0)
    }

    func real(_ column: Int) -> Double { Double(text(column)) ?? 0 }

    func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// Decodes hexadecimal digits behind `\x`, the default of `bytea_output`.
    func blob(_ column: Int) -> [UInt8] {
        // The server writes nothing else.
        Hexadecimal.decode(UnsafeBufferPointer(rebasing: bytes(column).dropFirst(2))) ?? []
    }

    private func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        let count = Int(PQgetlength(result, row, Int32(column)))
        guard let start = PQgetvalue(result, row, Int32(column)) else { return UnsafeBufferPointer(start: nil, count: 0) }
        // The bytes are valid until the result is cleared.
        return UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: count)
    }
}
