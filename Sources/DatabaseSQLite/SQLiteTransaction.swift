import Database
import Foundation
import class GRDB.Row
import class GRDB.Statement
import struct GRDB.StatementArguments

final class SQLiteTransaction: DatabaseTransaction {
    private let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    var dialect: Dialect { .sqlite }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        let statement = try prepared(sql, arguments)
        try statement.execute()
        return connection.changesCount
    }

    func query<Value>(
        _ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value
    ) throws -> [Value] {
        let rows = try Row.fetchCursor(prepared(sql, arguments))
        var values: [Value] = []
        while let row = try rows.next() {
            values.append(try decode(SQLiteRow(row: row)))
        }
        return values
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

    private func prepared(_ sql: String, _ arguments: [DatabaseValue]) throws -> Statement {
        let statement = try connection.cachedStatement(sql: sql)
        try statement.setArguments(StatementArguments(arguments.map(\.sqlite)))
        return statement
    }
}

extension DatabaseValue {
    fileprivate var sqlite: SQLiteValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }
}

private struct SQLiteRow: DatabaseRow {
    let row: Row

    func isNull(_ column: Int) -> Bool { row.hasNull(atIndex: column) }
    func integer(_ column: Int) -> Int64 { row[column] }
    func real(_ column: Int) -> Double { row[column] }
    func text(_ column: Int) -> String { row[column] }
    func blob(_ column: Int) -> [UInt8] { Array(row[column] as Data) }
}
