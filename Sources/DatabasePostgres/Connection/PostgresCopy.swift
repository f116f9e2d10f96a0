import Database

/// Rows in the binary form that `COPY` takes (PostgreSQL, "COPY", section "Binary Format").
enum PostgresCopy {
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF] + Array("\r\n".utf8) + [0]

    static func binary(_ rows: [[DatabaseValue]]) -> [UInt8] {
        // Behind the signature: no flags, no extension.
        var bytes = signature + Int32(0).bigEndianBytes + Int32(0).bigEndianBytes
        for row in rows {
            bytes += Int16(row.count).bigEndianBytes
            for value in row {
                let field = value.postgresBytes
                bytes += Int32(field?.count ?? -1).bigEndianBytes
                bytes += field ?? []
            }
        }
        return bytes + Int16(-1).bigEndianBytes
    }
}

extension Insertion {
    /// The statement behind which many rows come.
    var copyStatement: String {
        "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
    }
}
