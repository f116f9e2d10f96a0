package import Database

/// The encoding of rows for `COPY` (PostgreSQL, "COPY", section "Binary Format").
package enum PostgresCopy {
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF] + Array("\r\n".utf8) + [0]

    /// The header: the signature, no flags, no extension.
    static let header = signature + Int32(0).bigEndianBytes + Int32(0).bigEndianBytes
    /// The trailer.
    static let trailer = Int16(-1).bigEndianBytes

    /// The size in bytes from which on a piece is sent: a batch may have more than the 2 GiB that libpq takes at once.
    package static let pieceSize = 1 << 20

    /// Calls `body` with the bytes of the rows, piece by piece, until it returns false.
    ///
    /// - Returns: what `body` returned last.
    package static func forEachPiece(of rows: [[DatabaseValue]], size: Int = pieceSize, _ body: ([UInt8]) -> Bool) -> Bool {
        var bytes = header
        for row in rows {
            append(row, to: &bytes)
            guard bytes.count >= size else { continue }
            guard body(bytes) else { return false }
            bytes.removeAll(keepingCapacity: true)
        }
        return body(bytes + trailer)
    }

    private static func append(_ row: [DatabaseValue], to bytes: inout [UInt8]) {
        bytes += Int16(row.count).bigEndianBytes
        for value in row {
            let field = value.postgresBytes
            bytes += Int32(field?.count ?? -1).bigEndianBytes
            bytes += field ?? []
        }
    }
}

extension Insertion {
    /// The `COPY` statement for the rows.
    var copyStatement: String {
        "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
    }
}
