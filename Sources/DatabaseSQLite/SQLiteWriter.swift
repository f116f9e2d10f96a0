import Database

import class GRDB.Statement

/// The connection that writes. GRDB keeps it to one thread at a time.
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
