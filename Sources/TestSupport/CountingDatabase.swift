package import Database
package import Storage
import Synchronization

/// A database that counts its read transactions, and the statements of its writes as an engine behind a network runs them: rows that were added or set are one
/// statement for each table.
package final class CountingDatabase: DatabaseEngine {
    private let database: any DatabaseEngine
    private let count = Mutex(0)
    private let readCount = Mutex(0)

    /// Wraps a database.
    package init(_ database: any DatabaseEngine) {
        self.database = database
    }

    /// Returns how many statements `body` leads to.
    package func statements(_ body: () async throws -> Void) async throws -> Int {
        let before = count.withLock { $0 }
        try await body()
        return count.withLock { $0 } - before
    }

    /// How many read transactions there were.
    package var reads: Int { readCount.withLock { $0 } }

    /// The dialect of the database.
    package var dialect: Dialect { database.dialect }

    /// Runs a read on the database, whose statements are not counted.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseTransaction) throws -> Value) async throws -> Value {
        readCount.withLock { $0 += 1 }
        return try await database.read(body)
    }

    /// Runs writes on the database, whose statements are counted.
    package func withWriter<Value: Sendable>(_ body: @escaping @Sendable (any DatabaseWriter) throws -> Value) async throws -> Value {
        try await database.withWriter { [self] writer in try body(Writer(writer: writer, database: self)) }
    }

    /// Closes the database.
    package func close() async throws { try await database.close() }

    private struct Writer: DatabaseWriter {
        let writer: any DatabaseWriter
        let database: CountingDatabase

        func transaction<Value>(_ body: (any DatabaseTransaction) throws -> Value) throws -> Value {
            try writer.transaction { transaction in
                let counting = CountingTransaction(transaction)
                defer { database.count.withLock { $0 += counting.finalCount } }
                return try body(counting)
            }
        }
    }
}

private final class CountingTransaction: DatabaseTransaction {
    private let transaction: any DatabaseTransaction
    private var count = 0
    private var collected: Set<String> = []

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    var finalCount: Int { count + collected.count }
    var dialect: Dialect { transaction.dialect }

    private func note(_ statements: Int) {
        count += collected.count + statements
        collected = []
    }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        note(1)
        return try transaction.execute(sql, arguments)
    }

    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value] {
        note(1)
        return try transaction.query(sql, arguments, decode)
    }

    func add(_ row: [DatabaseValue], by insertion: Insertion) throws {
        collected.insert(insertion.statement)
        try transaction.add(row, by: insertion)
    }

    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) throws {
        collected.insert(update.statement)
        try transaction.set(values, of: key, by: update)
    }

    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        note(2)
        return try transaction.savepoint(body)
    }
}

/// Runs a test on a store whose statements are counted.
package func withCountedStore<Value>(
    clock: TestClock = TestClock(), _ body: (Store, CountingDatabase) async throws -> Value
) async throws -> Value {
    try await withDatabase { database in
        let counting = CountingDatabase(database)
        let store = Store(counting, clock: { clock.now })
        try await store.migrate()
        return try await body(store, counting)
    }
}
