/// A relational database: SQLite in the process, or PostgreSQL.
///
/// Transactions are synchronous inside and run on the driver's own threads, so that no thread of Swift's pool ever waits for a disk.
/// SQL is written once for both engines. Parameters are numbered, `?1`, `?2`, …. What the engines say differently is in ``Dialect``.
package protocol DatabaseEngine: Sendable {
    var dialect: Dialect { get }

    /// How nodes wake each other; `nil` where the engine carries no words.
    var notifications: (any DatabaseNotifications)? { get }

    /// How the sessions of a server are used; `nil` where there is none.
    var usage: DatabaseUsage? { get }

    /// Runs `body` on a snapshot; several run side by side.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value

    /// Lends the thread that writes: `body` may run many transactions there, one right after the other.
    func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value

    /// Waits for what runs, then lets go of the files and connections. Later calls throw ``DatabaseError/Code/closed``.
    func close() async throws
}

extension DatabaseEngine {
    package var usage: DatabaseUsage? { nil }

    /// Runs `body` in a transaction that is durable when this returns. When `body` throws, nothing of it stays.
    package func write<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        try await withWriter { try $0.transaction(body) }
    }
}

/// The means to write, for as long as one has it. It must not leave the closure it was passed to.
package protocol DatabaseWriter {
    /// Runs `body` in a transaction that is durable when this returns. When `body` throws, nothing of it stays.
    func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value
}

/// An open transaction. It must not leave the closure it was passed to.
package protocol DatabaseTransaction: AnyObject {
    var dialect: Dialect { get }

    /// Runs one statement, prepared once and kept.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int

    /// Runs one statement that answers with rows, and calls `decode` for each. A statement with `RETURNING` is a query.
    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value]

    /// Adds a row. It may be written later, with others of its table in one statement, but before whatever else the transaction runs: each
    /// statement sees the rows that were added before it. Where a row breaks a constraint, that is thrown by then at the latest.
    ///
    /// - Parameter row: a value for each of the insertion's columns, of exactly the column's type.
    func add(_ row: [DatabaseValue], by insertion: Insertion) throws

    /// Sets columns of the row that a key names; where there is none, nothing happens. It may be written later, with others in one statement, but
    /// behind the rows that were added, and before whatever else the transaction runs. What is set last holds, as long as one update sets a column.
    ///
    /// The rows are written in no particular order. What others change too has to be locked before.
    ///
    /// - Parameter values: a value for each of the update's columns, of exactly the column's type.
    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) throws

    /// Runs `body`; when it throws, what it wrote is undone and the transaction goes on without it.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value
}

extension DatabaseTransaction {
    @discardableResult
    package func execute(_ sql: String) throws -> Int {
        try execute(sql, [])
    }

    package func first<Value>(_ sql: String, _ arguments: [DatabaseValue] = [], _ decode: (any DatabaseRow) throws -> Value) throws
        -> Value?
    {
        try query(sql, arguments, decode).first
    }
}

/// One row of an answer, read by column position from 0. It is valid only within the call it was passed to.
package protocol DatabaseRow {
    func isNull(_ column: Int) -> Bool
    func integer(_ column: Int) -> Int64
    func real(_ column: Int) -> Double
    func text(_ column: Int) -> String
    func blob(_ column: Int) -> [UInt8]
}

extension DatabaseRow {
    package func optionalInteger(_ column: Int) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    package func optionalText(_ column: Int) -> String? {
        isNull(column) ? nil : text(column)
    }

    package func bool(_ column: Int) -> Bool {
        integer(column) != 0
    }
}
