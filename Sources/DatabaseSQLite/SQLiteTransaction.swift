import Database
import GRDBSQLite

import class GRDB.Statement

/// A transaction on one of GRDB's connections.
///
/// GRDB prepares and caches the statements. Values are bound and read by SQLite's own functions: GRDB's general-purpose arguments and rows
/// cost as much as the insertions of an accepted email.
final class SQLiteTransaction: DatabaseTransaction {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    var dialect: Dialect { .sqlite }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        try run(sql, arguments) { _ in }
        return connection.changesCount
    }

    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try run(sql, arguments) { row in
            values.append(try decode(row))
        }
        return values
    }

    /// Written at once, as a statement costs no round trip.
    func add(_ row: [DatabaseValue], by insertion: Insertion) throws {
        try run(insertion.statement, row) { _ in }
    }

    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) throws {
        try run(update.statement, [key] + values) { _ in }
    }

    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        var value: Value?
        try connection.inSavepoint {
            value = try body()
            return .commit
        }
        guard let value else { throw DatabaseError(.other, "a savepoint ended without its value") }
        return value
    }

    /// Steps a statement to its end, and resets it for the next use.
    private func run(_ sql: String, _ arguments: [DatabaseValue], _ take: (SQLiteRow) throws -> Void) throws {
        let statement = try connection.cachedStatement(sql: sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        for (index, value) in zip(Int32(1)..., arguments) {
            try check(value.bind(to: statement, at: index), is: SQLITE_OK)
        }
        while true {
            let result = sqlite3_step(statement)
            guard result == SQLITE_ROW else { return try check(result, is: SQLITE_DONE) }
            try take(SQLiteRow(statement: statement))
        }
    }

    private func check(_ result: Int32, is expected: Int32) throws {
        guard result != expected else { return }
        let message = sqlite3_errmsg(connection.sqliteConnection).map { String(cString: $0) }
        throw DatabaseError(sqliteCode: result, message: message)
    }
}

/// The connection that writes.
///
/// GRDB restricts it to one thread at a time.
struct SQLiteWriter: DatabaseWriter {
    let connection: Connection

    func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value {
        var value: Value?
        do {
            try connection.inTransaction(.immediate) {
                value = try body(SQLiteTransaction(connection))
                return .commit
            }
        } catch {
            throw DatabaseError.mapping(error)
        }
        guard let value else { throw DatabaseError(.other, "a transaction ended without its value") }
        return value
    }
}

extension DatabaseValue {
    /// Makes SQLite copy a value, which does not outlive the call.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    fileprivate func bind(to statement: OpaquePointer?, at index: Int32) -> Int32 {
        switch self {
        case .null:
            return sqlite3_bind_null(statement, index)
        case .integer(let value):
            return sqlite3_bind_int64(statement, index, value)
        case .real(let value):
            return sqlite3_bind_double(statement, index, value)
        case .text(var value):
            return value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // A null pointer would bind NULL.
                    characters.isEmpty
                        ? sqlite3_bind_text(statement, index, "", 0, Self.transient)
                        : sqlite3_bind_text(statement, index, characters.baseAddress, Int32(characters.count), Self.transient)
                }
            }
        case .blob(let value):
            return value.withUnsafeBytes { bytes in
                bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(statement, index, bytes.baseAddress, Int32(bytes.count), Self.transient)
            }
        }
    }
}

/// The current row of a statement.
private struct SQLiteRow: DatabaseRow {
    let statement: OpaquePointer?

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }
    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }
    func real(_ column: Int) -> Double { sqlite3_column_double(statement, Int32(column)) }

    func text(_ column: Int) -> String {
        guard let bytes = sqlite3_column_text(statement, Int32(column)) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: length(column)), as: UTF8.self)
    }

    func blob(_ column: Int) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, Int32(column)) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: length(column)))
    }

    private func length(_ column: Int) -> Int {
        Int(sqlite3_column_bytes(statement, Int32(column)))
    }
}
