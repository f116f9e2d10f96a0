import Database
import JSON

/// The progress of a copy by tables, stored in the destination together with the rows, so that an interrupted copy can be resumed.
///
/// While it has rows, the database must not be used.
enum CopyProgress {
    static let table = "copied_tables"

    struct Entry: Sendable {
        var lastKey: [DatabaseValue]?
        var rows: Int64
    }

    static func begin(_ tables: [TableShape], in transaction: any DatabaseTransaction) throws {
        for table in tables {
            let isUsed = try transaction.first("SELECT 1 FROM \(table.name) LIMIT 1") { _ in true } ?? false
            guard !isUsed else { throw CopyError.notEmpty(table: table.name) }
            try transaction.execute("INSERT INTO copied_tables (name, copied) VALUES (?1, 0)", [.text(table.name)])
        }
    }

    static func read(_ tables: [TableShape], in transaction: any DatabaseTransaction) throws -> [String: Entry] {
        let rows = try transaction.query("SELECT name, last_key, copied FROM copied_tables", []) { row in
            (name: row.text(0), key: row.optionalText(1), copied: row.integer(2))
        }
        let shapes = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) })
        return try rows.reduce(into: [:]) { entries, row in
            guard let shape = shapes[row.name] else { throw CopyError.differentSchemas(table: row.name) }
            entries[row.name] = Entry(lastKey: try row.key.map { try shape.key(fromJSON: $0) }, rows: row.copied)
        }
    }

    static func advance(_ table: TableShape, by rows: [[DatabaseValue]], in transaction: any DatabaseTransaction) throws {
        guard let last = rows.last else { return }
        try transaction.execute(
            "UPDATE copied_tables SET last_key = ?2, copied = copied + ?3 WHERE name = ?1",
            [.text(table.name), .text(table.keyJSON(of: last)), .integer(rows.count)])
    }

    static func end(in transaction: any DatabaseTransaction) throws {
        try transaction.execute("DELETE FROM copied_tables")
    }
}

extension TableShape {
    /// Returns the key as a JSON array of texts; blobs are arrays of their bytes.
    fileprivate func keyJSON(of row: [DatabaseValue]) -> String {
        let values = key(of: row).map { value -> JSONValue in
            switch value {
            case .integer(let number): .string(String(number))
            case .text(let text): .string(text)
            case .blob(let bytes): .array(bytes.map { .number(JSONNumber(Int64($0))) })
            case .real(let number): .string(String(number))
            case .null: .null
            }
        }
        return String(decoding: JSONValue.array(values).serialized, as: UTF8.self)
    }

    fileprivate func key(fromJSON text: String) throws -> [DatabaseValue] {
        let values = try? JSONValue.parse(Array(text.utf8)).arrayValue
        guard let values, values.count == key.count else { throw StorageError.malformed("copied_tables.last_key of \(name)") }
        return try zip(key, values).map { index, value in
            switch columns[index].kind {
            case .integer: if let number = value.stringValue.flatMap({ Int64($0) }) { return .integer(number) }
            case .real: if let number = value.stringValue.flatMap({ Double($0) }) { return .real(number) }
            case .text: if let text = value.stringValue { return .text(text) }
            case .blob:
                if let bytes = value.arrayValue { return .blob(bytes.compactMap { $0.integerValue.map { UInt8(truncatingIfNeeded: $0) } }) }
            }
            throw StorageError.malformed("copied_tables.last_key of \(name)")
        }
    }
}
