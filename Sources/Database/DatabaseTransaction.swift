/// An open transaction.
///
/// It must not leave the closure that it is passed to.
package protocol DatabaseTransaction: AnyObject {
    /// The engine's dialect of SQL.
    var dialect: Dialect { get }

    /// Runs one statement, which is prepared once and cached.
    ///
    /// - Returns: the number of rows that it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int

    /// Runs one statement that returns rows, and calls `decode` for each. A statement with `RETURNING` is a query.
    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value]

    /// Inserts a row. It may be written later, together with others of its table, but before any other statement of the transaction: each
    /// statement sees the rows that were added before it. A row that breaks a constraint throws by then at the latest.
    ///
    /// - Parameter row: a value for each of the insertion's columns, of exactly the column's type.
    func add(_ row: [DatabaseValue], by insertion: Insertion) throws

    /// Sets columns of the row with a key; where there is no such row, nothing happens. It may be written later, together with others, but
    /// after the added rows and before any other statement of the transaction. Of several values for a row the last one counts, as long as
    /// no column is set by two updates.
    ///
    /// The rows are written in no particular order: rows that other nodes change too have to be locked before.
    ///
    /// - Parameter values: a value for each of the update's columns, of exactly the column's type.
    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) throws

    /// Runs `body`. When it throws, its writes are rolled back, and the transaction continues without them.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value
}

extension DatabaseTransaction {
    /// Runs one statement without arguments.
    ///
    /// - Returns: the number of rows that it changed.
    @discardableResult
    package func execute(_ sql: String) throws -> Int {
        try execute(sql, [])
    }

    /// Runs a query and returns its first row, decoded; `nil` where there is none.
    package func first<Value>(_ sql: String, _ arguments: [DatabaseValue] = [], _ decode: (any DatabaseRow) throws -> Value) throws
        -> Value?
    {
        try query(sql, arguments, decode).first
    }
}

/// A row of a result, whose columns are numbered from 0.
///
/// It is valid only within the call that it is passed to.
package protocol DatabaseRow {
    /// Returns whether a column is NULL.
    func isNull(_ column: Int) -> Bool
    /// Returns an integer column; 0 for NULL.
    func integer(_ column: Int) -> Int64
    /// Returns a floating-point column; 0 for NULL.
    func real(_ column: Int) -> Double
    /// Returns a text column; empty for NULL.
    func text(_ column: Int) -> String
    /// Returns a blob column; empty for NULL.
    func blob(_ column: Int) -> [UInt8]
}

extension DatabaseRow {
    /// Returns an integer column; `nil` for NULL.
    package func optionalInteger(_ column: Int) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// Returns a text column; `nil` for NULL.
    package func optionalText(_ column: Int) -> String? {
        isNull(column) ? nil : text(column)
    }

    /// Returns an integer column as a truth value: anything but 0 is true.
    package func bool(_ column: Int) -> Bool {
        integer(column) != 0
    }
}
