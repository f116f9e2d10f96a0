package import Database

/// Rows in the binary form that `COPY` takes (PostgreSQL, "COPY", section "Binary Format").
package enum PostgresCopy {
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF] + Array("\r\n".utf8) + [0]

    /// What comes first. Behind the signature: no flags, no extension.
    static let header = signature + Int32(0).bigEndianBytes + Int32(0).bigEndianBytes
    /// What comes last.
    static let trailer = Int16(-1).bigEndianBytes

    /// Rows are sent on when this many bytes have come together: a batch may hold more than libpq takes at once, 2 GiB.
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
    /// The statement behind which many rows come.
    var copyStatement: String {
        "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
    }
}
